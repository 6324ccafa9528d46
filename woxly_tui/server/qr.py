"""QR codes as data URLs."""


def qr_data_url(text: str) -> str:
    """An SVG picture of a QR code, ready for `<img src>`."""
    import segno

    return str(segno.make_qr(text).svg_data_uri(scale=4))

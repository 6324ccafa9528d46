"""/docs: the OpenAPI description as a page that needs nothing from the internet."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router: Final = APIRouter(include_in_schema=False)

_STYLE: Final = """\
body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2rem } code, pre { font: 13px/1.4 ui-monospace, monospace }
summary { cursor: pointer; padding: .2rem 0 } b { display: inline-block; min-width: 4.5rem }
pre { background: #8882; padding: .6rem; overflow-x: auto } :root { color-scheme: light dark }
"""


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Every route with its body and its answers."""
    description: Mapping[str, Any] = request.app.openapi()
    page = "".join(_page(description))
    return HTMLResponse(
        page, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    )


def _page(description: Mapping[str, Any]) -> Iterator[str]:
    title = escape(description["info"]["title"])
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
    yield f"<style>{_STYLE}</style><h1>{title} {escape(description['info']['version'])}</h1>"
    yield "<p>The same for programs: <a href=/openapi.json>openapi.json</a>.</p>"
    heading = ""
    schemas = description.get("components", {}).get("schemas", {})
    for path, methods in description["paths"].items():
        for method, route in methods.items():
            tag = (route.get("tags") or [""])[0]
            if tag != heading:
                heading = tag
                yield f"<h2>{escape(tag)}</h2>"
            yield from _route(path, method, route, schemas)


def _route(
    path: str, method: str, route: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Iterator[str]:
    yield f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
    yield f"{escape(route.get('description', '').splitlines()[0])}</summary>"
    for found in route.get("parameters", ()):
        kind = escape(_shape(found["schema"], schemas))
        yield f"<p><code>{escape(found['name'])}</code> ({escape(found['in'])}): {kind}</p>"
    if (body := route.get("requestBody")) is not None:
        yield f"<p>Body</p><pre>{escape(_content(body, schemas))}</pre>"
    for status, answer in route["responses"].items():
        if status != "422":
            yield f"<p>{escape(status)} {escape(answer.get('description', ''))}</p>"
            yield f"<pre>{escape(_content(answer, schemas))}</pre>"
    yield "</details>"


def _content(holder: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    schema = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return _shape(schema, schemas)


def _shape(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> str:
    """A schema in a few words: `{id: integer, name?: string | null}`."""
    if "$ref" in schema:
        return _shape(schemas[schema["$ref"].rpartition("/")[2]], schemas, depth)
    if "anyOf" in schema:
        return " | ".join(_shape(one, schemas, depth) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f'"{one}"' for one in schema["enum"])
    if "properties" in schema:
        pad, needed = "  " * depth, schema.get("required", ())
        lines = [
            f"{pad}  {name}{'' if name in needed else '?'}: {_shape(one, schemas, depth + 1)}"
            for name, one in schema["properties"].items()
        ]
        return "{\n" + "\n".join(lines) + f"\n{pad}}}"
    if schema.get("type") == "array":
        return f"[{_shape(schema.get('items', {}), schemas, depth)}]"
    return str(schema.get("type", "anything"))

// What members and other guests write while we are in the call.

const TOPIC = "lk.chat";
const MAX_CHARS = 16_384; // of one message
const MAX_KEPT = 100;
const MAX_READING = 16; // at a time: who sends more is not shown

/** A text stream as one text, cut where it is too long. */
async function textOf(reader) {
  let text = "";
  for await (const part of reader) {
    text += part;
    if (text.length > MAX_CHARS) return `${text.slice(0, MAX_CHARS)}…`;
  }
  return text;
}

export class Said {
  constructor(list, room) {
    this.list = list;
    this.room = room;
    this.reading = 0;
    room.registerTextStreamHandler(TOPIC, (reader, { identity }) => this.hear(reader, identity));
  }

  async hear(reader, identity) {
    if (this.reading >= MAX_READING) return;
    // Who leaves right after writing is still named.
    const name = this.room.getParticipantByIdentity(identity)?.name || identity;
    this.reading += 1;
    try {
      const text = (await textOf(reader)).trim();
      if (text) this.show(name, text);
    } catch (error) {
      console.warn(error); // cut off in the middle
    } finally {
      this.reading -= 1;
    }
  }

  show(name, text) {
    const line = document.createElement("li");
    const by = document.createElement("bdi");
    by.className = "by";
    by.textContent = name;
    const words = document.createElement("span");
    words.className = "text";
    words.textContent = text;
    line.append(by, words);
    this.list.append(line);
    while (this.list.children.length > MAX_KEPT) this.list.firstElementChild.remove();
    this.list.hidden = false;
    this.list.scrollTop = this.list.scrollHeight;
  }

  close() {
    this.room.unregisterTextStreamHandler(TOPIC);
  }
}

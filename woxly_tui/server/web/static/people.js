// Who is in the call: rows that keep their place, with level, muted and deafened.

const FLOOR_DB = -60;
const FRAME_MS = 66; // about 15 pictures a second
const FALL_PER_FRAME = 0.08; // a meter rises at once and falls softly
const DEAFENED = "voice.deafened";

/** Measures one track. */
class Ear {
  constructor(context, track) {
    this.track = track;
    this.source = context.createMediaStreamSource(new MediaStream([track]));
    this.analyser = context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.source.connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
  }

  /** 0 to 1, in steps that loudness is heard in. */
  level() {
    this.analyser.getFloatTimeDomainData(this.samples);
    let sum = 0;
    for (const sample of this.samples) sum += sample * sample;
    const db = 10 * Math.log10(sum / this.samples.length + 1e-12);
    return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
  }

  close() {
    this.source.disconnect();
  }
}

class Row {
  constructor(participant, isUs) {
    this.participant = participant;
    this.isUs = isUs;
    this.ear = null;
    this.shown = 0;
    this.element = document.createElement("li");
    const who = document.createElement("span");
    who.className = "who";
    this.name = document.createElement("bdi");
    who.append(this.name);
    if (isUs) {
      const you = document.createElement("span");
      you.className = "you";
      you.textContent = " (you)";
      who.append(you);
    }
    this.state = document.createElement("span");
    this.state.className = "state";
    const meter = document.createElement("span");
    meter.className = "meter";
    meter.setAttribute("aria-hidden", "true");
    this.fill = document.createElement("i");
    meter.append(this.fill);
    this.element.append(who, this.state, meter);
  }

  publication() {
    return this.participant.getTrackPublication("microphone");
  }

  /** Draw everything but the level. */
  draw(context) {
    const publication = this.publication();
    const isMuted = !publication || publication.isMuted;
    const isDeafened = this.participant.attributes[DEAFENED] === "1";
    this.name.textContent = this.participant.name || this.participant.identity;
    this.element.dataset.identity = this.participant.identity;
    this.element.classList.toggle("is-muted", isMuted);
    this.state.textContent = [
      !publication ? "no microphone" : isMuted ? "muted" : "",
      isDeafened ? "deafened" : "",
    ].filter(Boolean).join(", ");
    this.listenTo(context, publication?.track?.mediaStreamTrack);
  }

  listenTo(context, track) {
    if (this.ear?.track === track) return;
    this.ear?.close();
    this.ear = track && context ? new Ear(context, track) : null;
  }

  drawLevel() {
    const isMuted = this.element.classList.contains("is-muted");
    const level = this.ear && !isMuted ? this.ear.level() : 0;
    const next = Math.max(level, this.shown - FALL_PER_FRAME);
    if (Math.abs(next - this.shown) < 0.005) return;
    this.shown = next;
    this.fill.style.transform = `scaleX(${next.toFixed(3)})`;
  }

  close() {
    this.ear?.close();
    this.element.remove();
  }
}

/** The list of one call. */
export class People {
  constructor(list, room, context) {
    this.list = list;
    this.room = room;
    this.context = context;
    this.rows = new Map();
    this.last = 0;
    this.frame = requestAnimationFrame((now) => this.animate(now));
  }

  draw() {
    const here = [this.room.localParticipant, ...this.room.remoteParticipants.values()];
    const identities = new Set(here.map((one) => one.identity));
    for (const [identity, row] of this.rows) {
      if (!identities.has(identity)) {
        row.close();
        this.rows.delete(identity);
      }
    }
    for (const participant of here) {
      let row = this.rows.get(participant.identity);
      if (row && row.participant !== participant) {
        row.participant = participant; // they left and came back between two pictures
      }
      if (!row) {
        row = new Row(participant, participant === this.room.localParticipant);
        this.rows.set(participant.identity, row);
        this.list.append(row.element);
      }
      row.draw(this.context);
    }
    return here.length;
  }

  animate(now) {
    if (now - this.last >= FRAME_MS) {
      this.last = now;
      for (const row of this.rows.values()) row.drawLevel();
    }
    this.frame = requestAnimationFrame((then) => this.animate(then));
  }

  close() {
    cancelAnimationFrame(this.frame);
    for (const row of this.rows.values()) row.close();
    this.rows.clear();
  }
}

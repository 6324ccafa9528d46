// One stay in the call, from connecting to the end of it.

import { People } from "./people.js";
import { Said } from "./said.js";

/** Why a stay ended, for people; `isLost` where another try may help. */
function ending(reason) {
  const { DisconnectReason } = LivekitClient;
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return { text: "You left the call.", isLost: false };
    case DisconnectReason.DUPLICATE_IDENTITY:
      return { text: "You joined from another window or device, so this one left.", isLost: false };
    case DisconnectReason.PARTICIPANT_REMOVED:
      return { text: "You were sent out of the call.", isLost: false };
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return { text: "The call was closed.", isLost: false };
    default:
      return { text: "The connection to the call was lost.", isLost: true };
  }
}

export class Call extends EventTarget {
  /**
   * @param way token and url, from the Woxly server
   * @param microphone a LocalAudioTrack, or null to listen only
   * @param context an AudioContext made by a touch, for the meters
   */
  constructor(way, microphone, context, list, said) {
    super();
    const { Room, RoomEvent } = LivekitClient;
    this.way = way;
    this.microphone = microphone;
    this.isOver = false;
    this.room = new Room({ stopLocalTrackOnUnpublish: false });
    this.people = new People(list, this.room, context);
    this.said = new Said(said, this.room);
    this.sounds = new Map();
    const draw = () => this.draw();
    for (const name of [
      "ParticipantConnected", "ParticipantDisconnected", "ParticipantNameChanged",
      "ParticipantAttributesChanged", "TrackMuted", "TrackUnmuted", "TrackPublished",
      "TrackUnpublished", "LocalTrackPublished", "LocalTrackUnpublished", "Connected",
    ]) this.room.on(RoomEvent[name], draw);
    this.room
      .on(RoomEvent.TrackSubscribed, (track) => this.play(track))
      .on(RoomEvent.TrackUnsubscribed, (track) => this.hush(track))
      .on(RoomEvent.AudioPlaybackStatusChanged, () => this.tell("playback"))
      .on(RoomEvent.Reconnecting, () => this.tell("connection", "reconnecting"))
      .on(RoomEvent.SignalReconnecting, () => this.tell("connection", "reconnecting"))
      .on(RoomEvent.Reconnected, () => { this.tell("connection", "connected"); draw(); })
      .on(RoomEvent.Disconnected, (reason) => this.end(ending(reason)));
  }

  tell(type, detail) {
    if (!this.isOver || type === "ended") this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Connect and, with a microphone, publish it as it is: muted or open. */
  async join() {
    await this.room.connect(this.way.url, this.way.token, { maxRetries: 1 });
    if (this.microphone) {
      await this.room.localParticipant.publishTrack(this.microphone, {
        source: LivekitClient.Track.Source.Microphone,
        name: "microphone",
      });
    }
    this.draw();
  }

  draw() {
    if (!this.isOver) this.tell("people", this.people.draw());
  }

  play(track) {
    if (track.kind === "audio") {
      const sound = track.attach();
      this.sounds.set(track.sid, sound);
      document.body.append(sound);
    }
    this.draw();
  }

  hush(track) {
    this.sounds.delete(track.sid);
    for (const sound of track.detach()) sound.remove();
    this.draw();
  }

  get canHear() {
    return this.room.canPlaybackAudio;
  }

  hear() {
    return this.room.startAudio();
  }

  get isMuted() {
    return !this.microphone || this.microphone.isMuted;
  }

  async setMuted(on) {
    if (this.microphone) await (on ? this.microphone.mute() : this.microphone.unmute());
    this.draw();
  }

  leave() {
    return this.room.disconnect(false);
  }

  end(how) {
    if (this.isOver) return;
    this.isOver = true;
    this.people.close();
    this.said.close();
    for (const sound of this.sounds.values()) sound.remove();
    this.sounds.clear();
    this.tell("ended", how);
  }
}

/** Calls for the agent's attention: a sound made here, not loaded, and the count in the title. */

let audio: AudioContext | null = null;

/** Browsers allow sound only after a gesture; the first one makes it possible. */
export function allowSound(): void {
  audio ??= new AudioContext();
  void audio.resume();
}

/** Two soft notes, a fifth apart. */
export function chime(): void {
  if (!audio || audio.state !== "running") return;
  note(audio, 659.25, 0);
  note(audio, 987.77, 0.11);
}

function note(context: AudioContext, hertz: number, delay_s: number): void {
  const start = context.currentTime + delay_s;
  const tone = context.createOscillator();
  const level = context.createGain();
  tone.frequency.value = hertz;
  level.gain.setValueAtTime(0, start);
  level.gain.linearRampToValueAtTime(0.16, start + 0.015);
  level.gain.exponentialRampToValueAtTime(0.001, start + 0.45);
  tone.connect(level).connect(context.destination);
  tone.start(start);
  tone.stop(start + 0.5);
}

export function title(unread: number, name: string): void {
  document.title = unread > 0 ? `(${unread}) ${name}` : name;
}

/** Calls for the agent's attention: sounds made here, not loaded, the title, and the system's notifications. */
import icon from "../../staff/icon.svg";

let audio: AudioContext | null = null;

/** Browsers allow sound only after a gesture; the first one makes it possible. */
export function allowSound(): void {
  audio ??= new AudioContext();
  void audio.resume();
}

const TUNES: Record<string, [hertz: number, delay_s: number][]> = {
  /** Two soft notes, a fifth apart. */
  message: [[659.25, 0], [987.77, 0.11]],
  /** Three of the same: somebody waits. */
  waiting: [[783.99, 0], [783.99, 0.16], [1046.5, 0.32]],
};

export function chime(tune: "message" | "waiting" = "message"): void {
  if (!audio || audio.state !== "running") return;
  for (const [hertz, delay_s] of TUNES[tune]!) note(audio, hertz, delay_s);
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

/** Whether notifications can be shown: `default` means that nobody has been asked. */
export function permission(): NotificationPermission | "missing" {
  return typeof Notification === "undefined" ? "missing" : Notification.permission;
}

/** At a click only: browsers refuse a question that comes from nowhere. */
export async function askPermission(): Promise<NotificationPermission | "missing"> {
  return permission() === "default" ? Notification.requestPermission() : permission();
}

export interface Notice {
  title: string;
  body: string;
  /** One for each conversation: a later one takes the place of the one before. */
  tag: string;
  open: () => void;
}

export function notify({ title: heading, body, tag, open }: Notice): void {
  if (permission() !== "granted") return;
  try {
    const shown = new Notification(heading, { body, tag, icon });
    shown.onclick = () => {
      window.focus();
      open();
      shown.close();
    };
  } catch {
    // Some phones show none but a service worker's; sound and title are left.
  }
}

/** Choosing an emoji. The set is loaded when somebody first wants one. */
import { useEffect, useState } from "preact/hooks";
import { words } from "../state/prefs";
import { Menu } from "./menu";

type Set = [emoji: string, words: string][];

export function Emoji({ insert }: { insert: (emoji: string) => void }) {
  return <Menu name="emoji" icon="smile" label={words().emoji} role="dialog" side="up">{() => <Choice insert={insert} />}</Menu>;
}

function Choice({ insert }: { insert: (emoji: string) => void }) {
  const w = words();
  const [all, setAll] = useState<Set>([]);
  const [wanted, setWanted] = useState("");
  useEffect(() => void import("../state/emoji").then((module) => setAll(module.EMOJI)), []);
  const found = all.filter(([, said]) => said.includes(wanted.trim().toLowerCase()));
  const first = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !found[0]) return;
    event.preventDefault();
    insert(found[0][0]);
  };
  return (
    <>
      <input class="small" type="search" value={wanted} placeholder={w.findEmoji} aria-label={w.findEmoji} data-testid="emoji-find"
        onInput={(event) => setWanted(event.currentTarget.value)} onKeyDown={first} />
      <div class="emojis" data-testid="emojis">
        {found.map(([emoji, said]) => <button type="button" key={emoji} title={said.split(",")[0]} aria-label={said.split(",")[0]} onClick={() => insert(emoji)}>{emoji}</button>)}
        {all.length > 0 && found.length === 0 && <p class="quiet">{w.emptyFound}</p>}
      </div>
    </>
  );
}

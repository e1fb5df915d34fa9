/** The charts' colours: eight that the colour-blind tell apart (after Okabe and Ito), for light, for dark, for paper. */

export interface Palette {
  ink: string;
  soft: string;
  line: string;
  ground: string;
  before: string;
  series: string[];
}

const LIGHT: Palette = {
  ink: "#171b22", soft: "#646d7b", line: "#e5e8ec", ground: "#ffffff", before: "#8a93a1",
  series: ["#2f5bea", "#d55e00", "#009e73", "#c2569a", "#3a9fd8", "#b57f00", "#7a5195", "#5b6472"],
};

const DARK: Palette = {
  ink: "#eceff4", soft: "#9da6b4", line: "#2f3540", ground: "#1e222a", before: "#7d8695",
  series: ["#7c9bff", "#ff9d5c", "#3ecf9f", "#f29bc9", "#7cc8f5", "#f2c14e", "#b79cf0", "#a8b0bd"],
};

const PAPER: Palette = { ...LIGHT, ink: "#000000", soft: "#333333", line: "#cccccc", before: "#777777" };

export function paletteFor(media: (query: string) => boolean): Palette {
  if (media("print")) return PAPER;
  return media("(prefers-color-scheme: dark)") ? DARK : LIGHT;
}

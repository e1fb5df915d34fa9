/**
 * On a phone the keyboard covers the page without resizing it; the window takes what is left.
 */

export function keyboardFit(): (element: HTMLElement | null) => void {
  let element: HTMLElement | null = null;
  const view = window.visualViewport;
  const fit = () => {
    element?.style.setProperty("--view-height", `${view!.height}px`);
    element?.style.setProperty("--view-top", `${view!.offsetTop}px`);
  };
  view?.addEventListener("resize", fit);
  view?.addEventListener("scroll", fit);
  return (next) => {
    element = next;
    if (view) fit();
  };
}

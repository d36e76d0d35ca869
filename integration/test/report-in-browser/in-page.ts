/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

// Each function here runs in the page, so it can use nothing from outside itself.

/** What is wider than the window, by name; nothing if the page needs no sideways scrolling. */
export function overflowing(): string[] {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const isInScroller = (element: Element): boolean =>
    element.closest(".wide") !== null && !element.matches(".wide");
  const wide = [...document.body.querySelectorAll("*")].filter(
    (element) => element.getBoundingClientRect().right > width + 0.5 && !isInScroller(element),
  );
  const names = wide.map((element) => `${element.tagName}.${element.getAttribute("class") ?? ""}`);
  return [`${document.documentElement.scrollWidth} px wide`, ...new Set(names)];
}

/** Texts that take no room on the page as it is shown now, but for those in `left`. */
export function unseenTexts(left: string): string[] {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const unseen: string[] = [];
  while (texts.nextNode()) {
    const { textContent, parentElement } = texts.currentNode;
    const text = (textContent ?? "").trim();
    if (text === "" || parentElement === null) continue;
    if (parentElement.closest(`script, style, title, desc, ${left}`) !== null) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const hasRoom = [...range.getClientRects()].some(
      ({ width, height }) => width > 0 && height > 0,
    );
    const isShown = parentElement.checkVisibility({
      visibilityProperty: true,
      opacityProperty: true,
    });
    if (!hasRoom || !isShown) unseen.push(text);
  }
  return unseen;
}

/**
 * Texts, and lines of charts, whose contrast with what lies behind them is too low.
 * Source: WCAG 2.2, 1.4.3 and 1.4.11. Scrolls through the page.
 */
export function paleThings(): string[] {
  type Color = readonly [red: number, green: number, blue: number, alpha: number];

  const parse = (text: string, opacity = 1): Color => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return [red, green, blue, text === "none" || text.startsWith("url") ? 0 : alpha * opacity];
  };
  const over = ([r, g, b, a]: Color, [red, green, blue]: Color): Color => [
    r * a + red * (1 - a),
    g * a + green * (1 - a),
    b * a + blue * (1 - a),
    1,
  ];
  const luminance = ([red, green, blue]: Color): number => {
    const linear = (value: number): number =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  const contrast = (one: Color, other: Color): number => {
    const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const paintOf = (element: Element): Color => {
    const style = getComputedStyle(element);
    if (element instanceof SVGGeometryElement) return parse(style.fill, Number(style.fillOpacity));
    return element instanceof SVGElement ? [0, 0, 0, 0] : parse(style.backgroundColor);
  };
  const behind = (element: Element, x: number, y: number): Color => {
    const stack = document.elementsFromPoint(x, y);
    const own = stack.indexOf(element);
    const layers = (own < 0 ? stack : stack.slice(own)).map(paintOf);
    const canvas: Color = [255, 255, 255, 1];
    return layers.reduceRight((under, layer) => over(layer, under), canvas);
  };

  const pale: string[] = [];
  const judge = (element: Element, color: Color, at: DOMRect): void => {
    const ground = behind(element, at.x + at.width / 2, at.y + at.height / 2);
    const found = contrast(over(color, ground), ground);
    if (found < 4.5) pale.push(`${found.toFixed(2)} of 4.5: ${element.textContent}`);
  };

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = (texts.currentNode.textContent ?? "").trim();
    if (element === null || text === "" || !element.checkVisibility()) continue;
    if (element.closest("script, style, title, desc, .unseen, .skip") !== null) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    if (range.getClientRects().length === 0) continue;
    scrollBy(0, range.getBoundingClientRect().top - innerHeight / 2);
    const [rect = new DOMRect()] = range.getClientRects();
    const style = getComputedStyle(element);
    const color = element instanceof SVGElement ? parse(style.fill) : parse(style.color);
    judge(element, color, rect);
  }
  const lines =
    ".plot .line, .plot .curve, .plot .yardstick, .plot .ideal, .plot .residual, .plot .ground, .strip .limit, .mark, .route svg";
  for (const line of document.querySelectorAll(lines)) {
    if (!line.checkVisibility()) continue;
    const ground = line.closest(".finding, body") ?? document.body;
    const color = parse(getComputedStyle(line).stroke);
    const canvas = over(paintOf(document.body), [255, 255, 255, 1]);
    const found = contrast(color, over(paintOf(ground), canvas));
    if (found < 3) pale.push(`${found.toFixed(2)} of 3: ${line.getAttribute("class")}`);
  }
  return pale;
}

/** Texts of charts that cover each other or stick out of their figure. */
export function collidingLabels(): string[] {
  const isCovering = (one: DOMRect, other: DOMRect): boolean => {
    const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    // A line of type is higher than its letters.
    return across > 0 && down > 0.3 * one.height;
  };
  const found: string[] = [];
  for (const plot of document.querySelectorAll(".plot")) {
    const room = (plot.closest("figure") ?? plot).getBoundingClientRect();
    const labels = [...plot.querySelectorAll("text")].map((text) => ({
      name: text.textContent ?? "",
      box: text.getBoundingClientRect(),
    }));
    for (const [place, label] of labels.entries()) {
      const { left, right } = label.box;
      if (left < room.left - 1 || right > room.right + 1) found.push(`${label.name} sticks out`);
      const covered = labels.slice(place + 1).filter(({ box }) => isCovering(label.box, box));
      found.push(...covered.map(({ name }) => `${label.name} covers ${name}`));
    }
  }
  return found;
}

/** What somebody who doesn't see the page would miss: names, levels, references, heads of tables. */
export function nameless(): string[] {
  const all = (selector: string): Element[] => [...document.querySelectorAll(selector)];
  const show = (element: Element): string => element.outerHTML.slice(0, 90);
  const byIds = (ids: string): string =>
    ids
      .split(/\s+/)
      .map((id) => document.getElementById(id)?.textContent ?? "")
      .join(" ");
  const nameOf = (element: Element): string => {
    const referred = element.getAttribute("aria-labelledby");
    const named = referred === null ? element.getAttribute("aria-label") : byIds(referred);
    return (named ?? element.textContent ?? "").trim();
  };
  const found: string[] = [];
  const demand = (isMet: boolean, what: string): void => {
    if (!isMet) found.push(what);
  };

  demand(document.documentElement.lang !== "", "the page has no language");
  demand(document.title.length > 10, "the page has no title");
  for (const landmark of ["main", "h1", "header", "footer"]) {
    demand(
      all(`body > ${landmark}, header h1`).some((one) => one.matches(landmark)),
      `no ${landmark}`,
    );
  }
  demand(all("h1").length === 1, "not one h1");
  const levels = all("h1, h2, h3, h4, h5, h6").map((heading) => Number(heading.tagName.slice(1)));
  for (const [place, level] of levels.entries()) {
    const before = levels[place - 1] ?? 0;
    demand(level <= before + 1, `heading ${place} goes from level ${before} to ${level}`);
  }
  const ids = all("[id]").map(({ id }) => id);
  demand(new Set(ids).size === ids.length, "two elements share an id");
  for (const attribute of ["aria-labelledby", "aria-describedby"]) {
    for (const element of all(`[${attribute}]`)) {
      const text = byIds(element.getAttribute(attribute) ?? "").trim();
      demand(text !== "", `${attribute} leads nowhere: ${show(element)}`);
    }
  }
  const named = "a, button, summary, nav, main > section, [role=img], [role=region]";
  for (const element of all(named)) demand(nameOf(element) !== "", `no name: ${show(element)}`);
  for (const svg of all("svg")) {
    const isHidden = svg.closest("[aria-hidden=true]") !== null;
    demand(
      isHidden || svg.getAttribute("role") === "img",
      `neither named nor hidden: ${show(svg)}`,
    );
  }
  for (const head of all("th")) demand(head.hasAttribute("scope"), `no scope: ${show(head)}`);
  for (const item of all("li"))
    demand(item.parentElement?.tagName === "UL", "an li outside a list");
  for (const list of all("ul")) {
    demand(
      [...list.children].every(({ tagName }) => tagName === "LI"),
      `not only li: ${show(list)}`,
    );
  }
  for (const term of all("dt, dd")) demand(term.closest("dl") !== null, "a dt or dd outside a dl");
  demand(all("[aria-hidden=true] :is(a, button, summary)").length === 0, "hidden but reachable");
  for (const button of all("button, summary")) {
    const { width, height } = button.getBoundingClientRect();
    const isSmall = button.checkVisibility() && (width < 24 || height < 24);
    demand(!isSmall, `smaller than 24 px: ${show(button)}`);
  }
  return found;
}

// One slide at a time over everything else; the address holds which one, and the interval.
const STEP = 5;
const LONGEST = 600;
const SMALLEST = 4; // of the screen's height, for a number too long for its column
const SVG = "http://www.w3.org/2000/svg";

const whole = (text, low, high, other) => {
  const number = Number.parseInt(text ?? "", 10);
  return Number.isNaN(number) ? other : Math.min(Math.max(number, low), high);
};

const made = (name, kind, text) => {
  const node = document.createElement(name);
  if (kind) node.className = kind;
  if (text !== undefined) node.textContent = text;
  return node;
};

function line(values) {
  const known = values.filter(value => value !== null);
  if (known.length < 3) return null;
  const low = Math.min(...known), high = Math.max(...known), span = high - low || 1;
  const points = values
    .map((value, at) => [100 * at / (values.length - 1), value])
    .filter(([, value]) => value !== null)
    .map(([x, value]) => `${x.toFixed(2)},${(38 - 36 * (value - low) / span).toFixed(2)}`);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 40");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const drawn = document.createElementNS(SVG, "polyline");
  drawn.setAttribute("points", points.join(" "));
  svg.append(drawn);
  return svg;
}

function figure(number) {
  const box = made("div", `number ${number.state}`);
  box.append(made("div", "label", number.label), made("b", "", number.value));
  if (number.note) box.append(made("div", "note", number.note));
  const drawn = line(number.line);
  if (drawn) box.append(drawn);
  return box;
}

// Sentences that do not fit are left out from the end; the page has them all.
function fit(wall) {
  for (const value of wall.querySelectorAll(".number b")) {
    const room = value.parentElement.clientWidth;
    if (value.offsetWidth > room) {
      const size = 9.5 * room / value.offsetWidth;
      value.style.fontSize = `${Math.max(size, SMALLEST)}vh`;
    }
  }
  const list = wall.querySelector("ul");
  while (list.children.length > 1 && list.scrollHeight > list.clientHeight) list.lastChild.remove();
  for (const drawn of wall.querySelectorAll("svg"))
    if (wall.scrollHeight > wall.clientHeight || list.scrollHeight > list.clientHeight) drawn.remove();
}

export default function ({ data, parentElement, setTriggerValue }) {
  const wall = parentElement.querySelector(".wall");
  const last = data.slides.length;
  const asked = new URLSearchParams(location.search);
  let slide = whole(asked.get("slide"), 1, last, 1);
  let seconds = whole(asked.get("auto"), 0, LONGEST, 0);
  let timer = 0;

  const keep = () => {
    const address = new URL(location.href);
    address.searchParams.set("slide", slide);
    address.searchParams.set("auto", seconds);
    history.replaceState(history.state, "", address);
  };
  const draw = () => {
    const shown = data.slides[slide - 1];
    const numbers = made("div", "numbers"), list = made("ul"), foot = made("div", "foot");
    numbers.append(...shown.numbers.slice(0, 3).map(figure));
    list.append(...shown.lines.map(text => made("li", "", text)));
    const clock = seconds ? ` · ${seconds} s` : "";
    foot.append(
      made("span", "", data.foot),
      made("span", "keys", data.keys),
      made("span", "place", `${slide} / ${last}${clock}`),
    );
    wall.dataset.slide = slide;
    wall.replaceChildren(
      made("h1", "", shown.title), made("p", "finding", shown.finding), numbers, list, foot,
    );
    fit(wall);
  };
  const wind = () => {
    clearInterval(timer);
    if (seconds) timer = setInterval(() => turn(1, true), 1000 * seconds);
  };
  const turn = (by, round) => {
    const next = slide + by;
    slide = round ? (next - 1 + last) % last + 1 : Math.min(Math.max(next, 1), last);
    keep();
    draw();
    wind();
  };
  const pace = by => {
    seconds = Math.min(Math.max(seconds + by, 0), LONGEST);
    keep();
    draw();
    wind();
  };
  const keys = {
    ArrowRight: () => turn(1), PageDown: () => turn(1), " ": () => turn(1),
    ArrowLeft: () => turn(-1), PageUp: () => turn(-1),
    Home: () => turn(1 - slide), End: () => turn(last - slide),
    ArrowUp: () => pace(STEP), ArrowDown: () => pace(-STEP),
    f: () => (document.fullscreenElement ? document.exitFullscreen()
      : document.documentElement.requestFullscreen()),
    Escape: () => setTriggerValue("leave", true),
  };
  const press = event => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  document.addEventListener("keydown", press, true);
  addEventListener("resize", draw);
  if (!wall.matches(":popover-open")) wall.showPopover();
  keep();
  draw();
  wind();
  return () => {
    clearInterval(timer);
    document.removeEventListener("keydown", press, true);
    removeEventListener("resize", draw);
  };
}

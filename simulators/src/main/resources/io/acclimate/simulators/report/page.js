const report = JSON.parse(document.getElementById("report").textContent);
const $ = id => document.getElementById(id);
const COLOURS = ["#7a8594", "#2f7ed8", "#c2571a", "#2e9e6b", "#9b59b6", "#c0392b", "#b58900", "#17a2b8"];
const colour = i => COLOURS[i % COLOURS.length];
/** Where there are more methods than colours the next round is dashed, the one after dotted. */
const DASHES = [[], [8, 4], [2, 3]];
const round = i => Math.floor(i / COLOURS.length) % DASHES.length;
const dash = i => DASHES[round(i)];
const FONT_PX = 11;
const percent = x => (100 * x).toFixed(2);
const node = (tag, text, props = {}) => Object.assign(document.createElement(tag), { textContent: text ?? "" }, props);
const row = (cells, tag = "td") => {
  const tr = node("tr");
  for (const cell of cells) tr.append(cell instanceof Node ? cell : node(tag, cell));
  return tr;
};
/** A cell of words, which stand on the left. */
const words = (text, tag = "td") => node(tag, text, { className: "words" });
function swatch(hue, round = 0) {
  const mark = node("span", "", { className: "swatch round-" + round });
  mark.style.setProperty("--hue", hue);
  return mark;
}
function methodCell(method, i, tag = "td") {
  const cell = node(tag);
  cell.append(swatch(colour(i), round(i)), method.name);
  return cell;
}
/** What every report says of itself: title, notes, one button for each run, machine, settings. */
function showFrame(lead, notes, runTitle, show) {
  document.title = report.scenario.name + " - Acclimate report";
  $("title").textContent = report.scenario.name;
  $("lead").textContent = lead;
  if (report.partial) $("notes").append(node("p", "Partial: the run was stopped before its end.", { className: "partial" }));
  notes.forEach(text => $("notes").append(node("p", text, { className: "note" })));
  report.runs.forEach((run, i) => $("runs").append(node("button", runTitle(run), { onclick: () => show(i) })));
  $("runs").hidden = report.runs.length < 2;
  for (const [key, value] of [...Object.entries(report.machine), ...Object.entries(report.versions),
    ["model sha256", report.model.sha256]]) $("facts").append(node("dt", key), node("dd", value));
  $("scenario").textContent = JSON.stringify(report.scenario.settings, null, 2);
}
const pressRun = index => [...$("runs").children].forEach((b, i) => b.setAttribute("aria-pressed", i === index));

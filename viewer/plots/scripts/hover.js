// Hover and tap in a chart, all in the browser. Columns of `points` are declared in viewer/plots/linked.py.
// Helper sources are changed in place and redrawn, so that hovering sends nothing to the server.
const {data} = points
const figure = cb_obj.origin
const [key] = figure.tags
const n = data.example.length
const k = n ? near.data[`n_${key}`].length / n : 0

function put(source, columns) {
  for (const name of Object.keys(source.data)) source.data[name] = columns[name] ?? new Float64Array(columns.length)
  source.change.emit()
}

function places(rows, only = null) {
  const columns = {length: rows.length}
  for (const chart of keys) {
    const shown = only == null || chart === only
    columns[`x_${chart}`] = rows.map((row) => (shown ? data[`x_${chart}`][row] : NaN))
    columns[`y_${chart}`] = rows.map((row) => (shown ? data[`y_${chart}`][row] : NaN))
  }
  return columns
}

function nearest(x, y, reach) {
  const xs = data[`x_${key}`], ys = data[`y_${key}`]
  let best = -1, least = reach * reach
  for (let row = 0; row < n; row++) {
    const distance = (xs[row] - x) ** 2 + (ys[row] - y) ** 2
    if (distance <= least) [best, least] = [row, distance]
  }
  return best
}

function near_on_map(row, count) {
  const xs = data[`x_${key}`], ys = data[`y_${key}`]
  const distance = (other) => (xs[other] - xs[row]) ** 2 + (ys[other] - ys[row]) ** 2
  const others = []
  for (let other = 0; other < n; other++) if (other !== row && !isNaN(xs[other])) others.push(other)
  return others.sort((a, b) => distance(a) - distance(b) || a - b).slice(0, count)
}

function element(tag, text, style) {
  const made = document.createElement(tag)
  if (text != null) made.textContent = text
  if (style) made.className = style
  return made
}

function facts(row) {
  const predicted = classes[data[`says_${key}`][row]], p = data[`p_${key}`][row]
  const right = predicted === data.label[row]
  const sure = Math.abs(2 * p - 1).toFixed(2)
  return {predicted: predicted.toUpperCase(), label: data.label[row].toUpperCase(), right, sure}
}

function described(row, neighbors) {
  const box = element("div", null, "review")
  const says = facts(row)
  const head = element("p", null, "head")
  head.append(element("b", `Predicted ${says.predicted}`), ` (${says.right ? "right" : "wrong: true " + says.label}), confidence ${says.sure}`)
  box.append(head, element("p", `Review ${data.id[row]}, ${data.words[row]} words`, "muted"), element("p", data.snippet[row] + " …", "snippet"))
  if (neighbors.length) {
    box.append(element("p", `Its ${neighbors.length} nearest in “${titles[key]}”, by distance in the layer itself`, "muted"))
    const list = element("ol")
    neighbors.forEach((other, rank) => {
      const line = element("li"), of = facts(other)
      line.append(element("span", near.data[`d_${key}`][row * k + rank].toFixed(2), "distance"), " ",
                  element("b", of.predicted + (of.right ? "" : " (wrong)")), " ", element("span", data.snippet[other]))
      list.append(line)
    })
    box.append(list)
  }
  if (note) box.append(element("p", note, "muted"))
  return box.outerHTML
}

function clear() {
  if (points._hovered == null) return
  points._hovered = null
  for (const source of [ring, lookalike, here, lines]) put(source, {length: 0})
  details.setv({text: points._resting ?? details.text}, {sync: false})
}

function hover(row) {
  if (points._hovered === `${key} ${row}`) return
  if (points._hovered == null) points._resting = details.text
  points._hovered = `${key} ${row}`
  const listed = Array.from(near.data[`n_${key}`].slice(row * k, row * k + k))
  const strangers = near_on_map(row, k).filter((other) => !listed.includes(other))
  put(here, places([row]))
  put(ring, places(listed))
  put(lookalike, places(strangers, key))
  const columns = {length: listed.length}
  for (const chart of keys) for (const axis of ["x", "y"]) {
    const hovered = chart === key
    columns[`${axis}0_${chart}`] = listed.map(() => (hovered ? data[`${axis}_${chart}`][row] : NaN))
    columns[`${axis}1_${chart}`] = listed.map((other) => (hovered ? data[`${axis}_${chart}`][other] : NaN))
  }
  put(lines, columns)
  details.setv({text: described(row, listed)}, {sync: false})
}

// Alt takes away: the tools' own keys know adding (shift) only.
if (!window._alt_listens) {
  window._alt_listens = new Set()
  const turn = (mode) => { for (const tool of window._alt_listens) tool.setv({mode}, {sync: false}) }
  window.addEventListener("keydown", (event) => { if (event.key === "Alt") { event.preventDefault(); turn("subtract") } })
  window.addEventListener("keyup", (event) => { if (event.key === "Alt") turn("replace") })
  window.addEventListener("blur", () => turn("replace"))
}
for (const tool of figure.toolbar.tools) if ("continuous" in tool) window._alt_listens.add(tool)

const kind = cb_obj.event_name
if (kind === "mouseleave") return clear()
if (kind === "mouseenter" || n === 0) return
const unit = (figure.x_range.end - figure.x_range.start) / Math.max(1, figure.inner_width)
const row = nearest(cb_obj.x, cb_obj.y, reach * unit)
if (kind === "mousemove") row < 0 ? clear() : hover(row)
if (kind === "tap" && row >= 0) asked.data = {example: [data.example[row]], time: [(asked.data.time?.[0] ?? 0) + 1]}

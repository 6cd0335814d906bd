// Hover and tap in the charts, all in the browser; runs also when the points glide and when the server pins a review.
// Columns of `points` are declared in viewer/plots/columns.py. Helper sources are changed in place and redrawn, so that
// hovering sends nothing to the server. What is drawn is what is hovered, else what is pinned: {row, key}, key the chart.
const {data} = points
const n = data.example.length
const k = n ? near.data[`n_${keys[0]}`].length / n : 0

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

function nearest(key, x, y, reach) {
  const xs = data[`x_${key}`], ys = data[`y_${key}`]
  let best = -1, least = reach * reach
  for (let row = 0; row < n; row++) {
    const distance = (xs[row] - x) ** 2 + (ys[row] - y) ** 2
    if (distance <= least) [best, least] = [row, distance]
  }
  return best
}

function near_on_map(key, row, count) {
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

function facts(key, row) {
  const predicted = classes[data[`says_${key}`][row]], p = data[`p_${key}`][row]
  const right = predicted === data.label[row]
  const sure = ((p - 1 / classes.length) / (1 - 1 / classes.length)).toFixed(2)
  return {predicted: predicted.toUpperCase(), label: data.label[row].toUpperCase(), right, sure}
}

function described({row, key}, neighbors) {
  const box = element("div", null, "review")
  const says = facts(key, row)
  const head = element("p", null, "head")
  head.append(element("b", `Predicted ${says.predicted}`), ` (${says.right ? "right" : "wrong: true " + says.label}), confidence ${says.sure}`)
  box.append(head, element("p", `${unit === "word" ? "Review" : "Sequence"} ${data.id[row]}, ${data.words[row]} ${unit}s`, "muted"))
  if (unit === "word") box.append(element("p", data.snippet[row] + " …", "snippet"))
  if (neighbors.length) {
    box.append(element("p", `Its ${neighbors.length} nearest in “${titles[key]}”, by distance in the layer itself`, "muted"))
    const list = element("ol")
    neighbors.forEach((other, rank) => {
      const line = element("li"), of = facts(key, other)
      line.append(element("span", near.data[`d_${key}`][row * k + rank].toFixed(2), "distance"), " ",
                  element("b", of.predicted + (of.right ? "" : " (wrong)")), " ", element("span", data.snippet[other]))
      list.append(line)
    })
    box.append(list)
  }
  if (note) box.append(element("p", note, "muted"))
  return box.outerHTML
}

/** Rings, lines and details of a review; with null, none. */
function draw(shown) {
  const {row, key} = shown ?? {}
  const listed = shown ? Array.from(near.data[`n_${key}`].slice(row * k, row * k + k)) : []
  const strangers = shown ? near_on_map(key, row, k).filter((other) => !listed.includes(other)) : []
  put(here, places(shown ? [row] : []))
  put(ring, places(listed))
  put(lookalike, places(strangers, key))
  const columns = {length: listed.length}
  for (const chart of keys) for (const axis of ["x", "y"]) {
    const hovered = chart === key
    columns[`${axis}0_${chart}`] = listed.map(() => (hovered ? data[`${axis}_${chart}`][row] : NaN))
    columns[`${axis}1_${chart}`] = listed.map((other) => (hovered ? data[`${axis}_${chart}`][other] : NaN))
  }
  put(lines, columns)
  details.setv({text: shown ? described(shown, listed) : rest}, {sync: false})
}

const kept = pinned.data.row.length ? {row: pinned.data.row[0], key: pinned.data.key[0]} : null

function hover(wanted) {
  const before = points._hovered
  if (before?.row === wanted?.row && before?.key === wanted?.key) return
  points._hovered = wanted
  draw(wanted ?? kept)
}

/** The review at the pointer, as hovered and pinned ones are held; null: there is none. */
function pointed() {
  const figure = cb_obj.origin, [key] = figure.tags
  const unit = (figure.x_range.end - figure.x_range.start) / Math.max(1, figure.inner_width)
  const row = nearest(key, cb_obj.x, cb_obj.y, reach * unit)
  return row < 0 ? null : {row, key}
}

const kind = cb_obj.event_name
if (kind === "mouseleave") {
  hover(null)
} else if (kind === "mousemove") {
  hover(pointed())
} else if (kind === "tap") {
  const found = pointed()
  if (found) pinned.data = found.row === kept?.row ? {row: [], key: []} : {row: [found.row], key: [found.key]}
} else {
  put(mark, places(kept ? [kept.row] : []))
  draw(points._hovered ?? kept)
}

// Hover and tap in the charts, all in the browser; runs also when the points glide and when the server pins a review.
// Columns of `points` are declared in viewer/plots/columns.py. Helper sources are changed in place and redrawn, so that
// hovering sends nothing to the server. What is drawn is what is hovered, else what is pinned: {row, key}, key the chart.
const {data} = points
const n = data.example.length

function put(source, columns) {
  for (const name of Object.keys(source.data)) source.data[name] = columns[name] ?? new Float64Array(columns.length)
  source.change.emit()
}

/** Rings of several kinds, [kind, rows, key of the only chart that shows them or null], the last ones on top. */
function around(groups) {
  const all = groups.flatMap(([kind, rows, only]) => rows.map((row) => ({kind, row, only})))
  const columns = {length: all.length, kind: all.map(({kind}) => kind)}
  for (const look of Object.keys(looks.mark)) columns[look] = all.map(({kind}) => looks[kind][look])
  for (const chart of keys) for (const axis of ["x", "y"]) {
    const column = data[`${axis}_${chart}`]
    columns[`${axis}_${chart}`] = all.map(({row, only}) => (only == null || only === chart ? column[row] : NaN))
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

/** The `count` rows nearest to `row` on a map, nearest first; of equally near ones the first. */
function near_on_map(key, row, count) {
  if (count === 0) return []
  const xs = data[`x_${key}`], ys = data[`y_${key}`], x = xs[row], y = ys[row]
  const found = [], distances = []
  for (let other = 0; other < n; other++) {
    const distance = (xs[other] - x) ** 2 + (ys[other] - y) ** 2
    if (other === row || !(found.length < count || distance < distances[count - 1]) || isNaN(distance)) continue
    let place = found.length < count ? found.length : count - 1
    for (; place > 0 && distances[place - 1] > distance; place--) {
      [distances[place], found[place]] = [distances[place - 1], found[place - 1]]
    }
    [distances[place], found[place]] = [distance, other]
  }
  return found
}

function element(tag, text, style) {
  const made = document.createElement(tag)
  if (text != null) made.textContent = text
  if (style) made.className = style
  return made
}

function facts(key, row) {
  const predicted = classes[data[`s_${groups[key]}`][row]], p = data[`p_${groups[key]}`][row]
  const label = classes[data.label[row]]
  const sure = ((p - 1 / classes.length) / (1 - 1 / classes.length)).toFixed(2)
  return {predicted: predicted.toUpperCase(), label: label.toUpperCase(), right: predicted === label, sure}
}

/** The details of a review as HTML; `found` as from `known`, null while it is on its way. */
function described({row, key}, found) {
  const box = element("div", null, "review")
  const says = facts(key, row)
  const head = element("p", null, "head")
  head.append(element("b", `Predicted ${says.predicted}`), ` (${says.right ? "right" : "wrong: true " + says.label}), confidence ${says.sure}`)
  box.append(head)
  if (found == null) {
    box.append(element("p", "…", "muted"))
  } else {
    const {rows, distances, texts: [own, ...others]} = found
    box.append(element("p", `${unit === "word" ? "Review" : "Sequence"} ${own.id}, ${own.words} ${unit}s`, "muted"))
    if (unit === "word") box.append(element("p", own.snippet, "snippet"))
    if (rows.length) {
      box.append(element("p", `Its ${rows.length} nearest in “${titles[key]}”, by distance in the layer itself`, "muted"))
      const list = element("ol")
      rows.forEach((other, rank) => {
        const line = element("li"), of = facts(key, other)
        line.append(element("span", distances[rank].toFixed(2), "distance"), " ",
                    element("b", of.predicted + (of.right ? "" : " (wrong)")), " ", element("span", others[rank].snippet))
        list.append(line)
      })
      box.append(list)
    }
  }
  if (note) box.append(element("p", note, "muted"))
  return box.outerHTML
}

/** Rings, lines and details of a review; with null, none but the ring of the one that is pinned. */
function draw(shown) {
  const {row, key} = shown ?? {}
  const found = shown ? known(shown) : null
  if (shown && found == null) ask(shown)
  const listed = found?.rows ?? []
  const strangers = near_on_map(key, row, listed.length).filter((other) => !listed.includes(other))
  put(rings, around([
    ["lookalike", strangers, key], ["ring", listed, null], ["here", shown ? [row] : [], null],
    ["mark", kept ? [kept.row] : [], null],
  ]))
  const columns = {length: listed.length}
  for (const chart of keys) for (const axis of ["x", "y"]) {
    const hovered = chart === key
    columns[`${axis}0_${chart}`] = listed.map(() => (hovered ? data[`${axis}_${chart}`][row] : NaN))
    columns[`${axis}1_${chart}`] = listed.map((other) => (hovered ? data[`${axis}_${chart}`][other] : NaN))
  }
  put(lines, columns)
  details.setv({text: shown ? described(shown, found) : rest}, {sync: false})
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
  if (remote && cb_obj === told) take()
  draw(points._hovered ?? kept)
}

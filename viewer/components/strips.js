// Strips: rows drawn as one cell an element, on a canvas. Joined to word_rows.js.

const STRIP_HEIGHT = 24
const PULLED_HEIGHT = 36 // with a band for the classes' signs and one for the bars
const WEIGHTS_HEIGHT = 9
const DISPUTES_HEIGHT = 14 // for the signs of two methods that disagree
const LEAST_CELL = 9 // pixels in which a sign can be read

/** A word's own class has a colour already: then the bar has none. */
function barColor(content, row, bar) {
  const {raises, lowers, bar: plain} = content.colors
  return row.toward ? plain : bar > 0 ? raises : lowers
}

/** Where a row's prediction was decided, as a screen reader says it. */
function turn(content, row, words) {
  const {element} = content
  if (row.without) return `what each ${element} changes if it is left out of the whole`
  const name = element === "word" && row.crossing ? `, ${words[row.crossing - 1]}` : ""
  if (row.many) return row.crossing ? `the last change of the predicted class is at ${element} ${row.crossing}${name}` : "the predicted class never changes"
  return row.crossing ? `the last crossing of one half is at ${element} ${row.crossing}${name}` : "never crosses one half"
}

function heightOf(row) {
  const signs = row.disputes?.some((sign) => sign) ? DISPUTES_HEIGHT : 0
  return (row.marks ? PULLED_HEIGHT : STRIP_HEIGHT) + (row.weights ? WEIGHTS_HEIGHT : 0) + signs
}

/** Draws a strip as wide as it is on the page, with a mark where its prediction was decided. */
function paintStrip(content, {row, text, strip, canvas}) {
  const width = strip.clientWidth
  const dense = window.devicePixelRatio || 1
  if (!width) return
  const height = heightOf(row)
  canvas.width = Math.round(width * dense)
  canvas.height = Math.round(height * dense)
  const pen = canvas.getContext("2d")
  pen.scale(dense, dense)
  const cell = width / content.slots
  text.slots.forEach((slot, i) => paintCell(content, pen, row, i, (slot - 1) * cell, cell - (cell > 6 ? 1 : 0)))
  if (row.crossing) {
    const x = (text.slots[row.crossing - 1] - 0.5) * cell
    pen.fillStyle = content.colors.text
    pen.fillRect(x - 0.75, 0, 1.5, row.marks ? PULLED_HEIGHT : STRIP_HEIGHT)
    pen.beginPath()
    pen.moveTo(x - 5, 0)
    pen.lineTo(x + 5, 0)
    pen.lineTo(x, 6)
    pen.fill()
  }
}

/** The sign of a dispute under its element, or where there is no room for it a dot. */
function paintDispute(content, pen, row, sign, x, width) {
  pen.fillStyle = content.colors.text
  if (width < LEAST_CELL) return pen.fillRect(x - 1, heightOf(row) - 8, 2, 5)
  pen.font = "11px system-ui, sans-serif"
  pen.textAlign = "center"
  pen.fillText(sign, x, heightOf(row) - 3)
}

/** One element of a strip: its tint, its sign if it has one, its bar, its attention weight. */
function paintCell(content, pen, row, i, left, width) {
  pen.fillStyle = row.colors[i]
  pen.fillRect(left, 4, width, 16)
  if (row.marks?.[i] && width >= LEAST_CELL) {
    pen.fillStyle = content.colors.text
    pen.font = "11px system-ui, sans-serif"
    pen.textAlign = "center"
    pen.fillText(row.marks[i], left + width / 2, 16, width)
  }
  const middle = row.marks ? 29 : STRIP_HEIGHT / 2
  const bar = row.bars[i]
  if (bar) {
    pen.fillStyle = barColor(content, row, bar)
    const height = 1 + 7 * Math.abs(bar) * (row.marks ? 0.8 : 1)
    pen.fillRect(left, bar > 0 ? middle - height : middle, Math.max(width, 1), height)
  }
  const bottom = row.marks ? PULLED_HEIGHT : STRIP_HEIGHT
  if (row.weights) {
    pen.fillStyle = row.weight_colors[i]
    pen.fillRect(left, bottom + 2, width, WEIGHTS_HEIGHT - 3)
  }
  if (row.disputes?.[i]) paintDispute(content, pen, row, row.disputes?.[i], left + width / 2, width)
}

// Draws rows of coloured words from `content`; texts reach the page as text nodes only.

const STRIP_HEIGHT = 24
const LEGEND_DIGITS = {probability: 4, points: 1, logit: 2}
const PULLED_HEIGHT = 36 // with a band for the classes' signs and one for the bars
const WEIGHTS_HEIGHT = 9
const LEAST_CELL = 9 // pixels in which a sign can be read
const HINTS = {
  word: "Point at a word, or go there with the arrow keys, to see what it did. Click it to leave it out or replace it.",
  step: "Point at a step, or go there with the arrow keys, to see what it did. Click it to leave it out.",
}
const MINUS = "\u2212"

/** An element with classes, text and attributes. */
function make(tag, classes = "", text = null, attributes = {}) {
  const element = document.createElement(tag)
  if (classes) element.className = classes
  if (text !== null) element.textContent = text
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}

function signed(value, digits) {
  const size = Math.abs(value).toFixed(digits)
  return Number(size) === 0 ? size : (value < 0 ? MINUS : "+") + size
}

export function render({model, el}) {
  const view = new View(model)
  el.append(view.root)
  return () => view.stop()
}

class View {
  constructor(model) {
    this.model = model
    this.root = make("div", "words")
    this.body = make("div", "rows")
    this.details = make("div", "details", null, {role: "status", "aria-live": "polite"})
    this.legend = make("div", "legend")
    this.root.append(this.body, this.legend, this.details)
    this.at = null // {row, position}: the word whose details are shown
    this.menu = null
    this.resizing = new ResizeObserver(() => this.paintStrips())
    this.resizing.observe(this.body)
    this.root.addEventListener("keydown", (event) => this.key(event))
    this.body.addEventListener("pointermove", (event) => this.pointed(event))
    this.body.addEventListener("pointerleave", () => this.leave())
    this.body.addEventListener("focusin", (event) => this.focused(event))
    this.body.addEventListener("scroll", () => this.closeMenu(false))
    this.body.addEventListener("click", (event) => this.clicked(event))
    this.outside = (event) => { if (this.menu && !event.composedPath().includes(this.menu)) this.closeMenu(false) }
    document.addEventListener("pointerdown", this.outside)
    this.onContent = () => this.draw()
    this.onPosition = () => this.mark(this.model.position)
    this.onPointed = ({detail}) => { if (detail.cursor === this.model.cursor) this.pointTo(detail.position) }
    document.addEventListener("pointed", this.onPointed)
    model.on(["content", "empty"], this.onContent)
    model.on("position", this.onPosition)
    model.on("remove", () => this.stop())
    this.draw()
  }

  stop() {
    this.resizing.disconnect()
    document.removeEventListener("pointerdown", this.outside)
    document.removeEventListener("pointed", this.onPointed)
    this.model.off(["content", "empty"], this.onContent)
    this.model.off("position", this.onPosition)
  }

  // ---- drawing

  draw() {
    const focus = this.root.getRootNode().activeElement
    const kept = focus && focus.dataset.position ? {row: focus.dataset.row, position: Number(focus.dataset.position)} : null
    this.closeMenu(false)
    this.content = this.model.content
    const rows = this.content.rows || []
    this.elements = new Map() // row key: {words, strip, cursor}
    this.body.replaceChildren()
    const heads = Math.max(0, ...rows.map((row) => row.cells.length))
    this.body.style.setProperty("--heads", heads)
    this.body.classList.toggle("headless", heads === 0)
    this.body.classList.toggle("compact", Boolean(this.content.compact))
    this.chart = this.content.channels ? new ChannelChart(this.content, this.content.texts) : null
    this.body.classList.toggle("charted", Boolean(this.chart))
    if (this.chart) this.body.append(this.chartRow())
    for (const row of rows) this.body.append(this.row(row, heads))
    if (!rows.length) this.body.append(make("p", "empty", this.model.empty))
    this.drawLegend()
    const first = this.root.querySelector(".row.current .word") || this.root.querySelector(".word")
    if (first) first.tabIndex = 0
    const again = this.at && this.word(this.at.row, this.at.position)
    if (!again) this.at = null
    this.showDetails()
    this.mark(this.model.position)
    this.paintStrips()
    this.showCurrent()
    if (kept) this.word(kept.row, kept.position)?.focus({preventScroll: true})
  }

  /** Scrolls the rows, not the page, to the current one. */
  showCurrent() {
    const current = this.body.querySelector(".row.current")
    if (!current) return
    const box = this.body.getBoundingClientRect()
    const place = current.getBoundingClientRect()
    const inSight = Math.min(place.bottom, box.bottom) - Math.max(place.top, box.top)
    if (inSight >= Math.min(place.height, 100)) return
    this.body.scrollTop += place.top < box.top ? place.top - box.top : Math.min(place.bottom - box.bottom, place.top - box.top)
  }

  row(row, heads) {
    const element = make("div", row.current ? "row current" : "row", null, {role: "group", "aria-label": row.name})
    const head = make("button", "head", null, {type: "button", "aria-pressed": String(row.current)})
    head.dataset.head = row.key
    for (let i = 0; i < heads; i++) head.append(this.cell(row.cells[i]))
    element.append(head)
    element.append(row.strip ? this.strip(row) : this.text(row))
    return element
  }

  chartRow() {
    const element = make("div", "row charts")
    element.append(make("div", "head"), this.chart.element)
    return element
  }

  cell(cell) {
    const element = make("span", "cell")
    if (!cell || !cell.text) {
      element.append("\u200b") // as high as a line, so that rows stand in line
      return element
    }
    if (cell.color) {
      const chip = make("span", "chip")
      chip.style.background = cell.color
      element.append(chip)
      element.classList.add("strong")
    }
    element.append(cell.text)
    return element
  }

  text(row) {
    const text = this.content.texts[row.text]
    const holder = make("div", row.weights ? "text attentive" : "text", null, {dir: "auto"})
    holder.style.color = this.content.colors.text
    const words = []
    for (const [kind, spelled] of text.pieces) {
      if (kind === "word") {
        words.push(this.drawWord(row, text, words.length + 1, spelled))
        holder.append(words[words.length - 1])
      } else if (kind === "gap") {
        holder.append(spelled)
      } else if (kind === "break") {
        holder.append(make("span", "break", "↵", {title: "a line break of the text", "aria-hidden": "true"}))
      } else if (kind === "missing") {
        holder.append(make("span", "missing", `${spelled} `, {"aria-hidden": "true"}))
      } else {
        if (!holder.querySelector(".not-read")) holder.append(make("span", "not-read", "not read"))
        holder.append(make("span", "unread", spelled))
      }
    }
    if (text.left_out) holder.append(make("span", "unread", ` … and ${text.left_out.toLocaleString("en")} more words`))
    this.elements.set(row.key, {row, text, words, strip: null})
    return holder
  }

  drawWord(row, text, position, spelled) {
    const word = make("span", "word", spelled, {
      role: "button", tabindex: "-1", "aria-haspopup": "menu", "aria-label": this.label(row, text, position, spelled),
    })
    const bar = row.bars[position - 1]
    word.style.background = row.colors[position - 1]
    if (bar) {
      word.classList.add(bar > 0 ? "up" : "down")
      word.style.setProperty("--bar", `${(1 + 5 * Math.abs(bar)).toFixed(1)}px`)
      word.style.setProperty("--strong", this.barColor(row, bar))
    }
    if (row.marks?.[position - 1]) word.append(make("sup", "mark", row.marks[position - 1], {"aria-hidden": "true"}))
    if (row.weights) {
      word.classList.add("weighed")
      word.style.setProperty("--weight", row.weight_colors[position - 1])
    }
    if (!text.known[position - 1]) word.classList.add("unknown")
    if (text.ghosts[position - 1]) { word.classList.add("wide"); word.dataset.ghost = text.ghosts[position - 1] }
    word.dataset.row = row.key
    word.dataset.position = position
    word.dataset.slot = text.slots[position - 1]
    return word
  }

  /** A word's own class has a colour already: then the bar has none. */
  barColor(row, bar) {
    const {raises, lowers, bar: plain} = this.content.colors
    return row.toward ? plain : bar > 0 ? raises : lowers
  }

  /** What a screen reader says: "boring, lowers by 12 points, position 4 of 5". */
  label(row, text, position, spelled) {
    const unknown = text.known[position - 1] ? "" : ", not in the vocabulary"
    return `${spelled}, ${this.verb(row, position)}, position ${position} of ${text.slots.length}${unknown}`
  }

  verb(row, position) {
    const [before, after] = row.toward ? row.pulled[position - 1] : [row.probability[position - 1], row.probability[position]]
    if (before === null) return "no impact, as the network has no answer before it"
    const change = 100 * (after - before)
    const size = Math.abs(change).toFixed(1)
    if (Number(size) === 0) return "changes nothing"
    if (row.toward) return `pulls towards ${row.toward[position - 1]} by ${size} points`
    return `${change > 0 ? "raises" : "lowers"} by ${size} points`
  }

  strip(row) {
    const text = this.content.texts[row.text]
    const words = text.pieces.filter(([kind]) => kind === "word").map(([, spelled]) => spelled)
    const holder = make("div", "strip", null, {role: "img", tabindex: "0", "aria-label": `${row.name}: ${this.turn(row, words)}`})
    const canvas = make("canvas")
    const cursor = make("div", "cursor")
    holder.dataset.strip = row.key
    holder.style.height = canvas.style.height = `${this.heightOf(row)}px`
    holder.append(canvas, cursor)
    this.elements.set(row.key, {row, text, words: [], spelled: words, strip: holder, canvas, cursor})
    return holder
  }

  /** Where a row's prediction was decided, as a screen reader says it. */
  turn(row, words) {
    const {element} = this.content
    const name = element === "word" && row.crossing ? `, ${words[row.crossing - 1]}` : ""
    if (row.toward) return row.crossing ? `the last change of the predicted class is at ${element} ${row.crossing}${name}` : "the predicted class never changes"
    return row.crossing ? `the last crossing of one half is at ${element} ${row.crossing}${name}` : "never crosses one half"
  }

  heightOf(row) {
    return (row.marks ? PULLED_HEIGHT : STRIP_HEIGHT) + (row.weights ? WEIGHTS_HEIGHT : 0)
  }

  paintStrips() {
    this.chart?.paint()
    for (const {row, text, strip, canvas} of this.elements.values()) {
      if (strip) this.paint(row, text, strip, canvas)
    }
  }

  paint(row, text, strip, canvas) {
    const width = strip.clientWidth
    const dense = window.devicePixelRatio || 1
    if (!width) return
    const height = this.heightOf(row)
    canvas.width = Math.round(width * dense)
    canvas.height = Math.round(height * dense)
    const pen = canvas.getContext("2d")
    pen.scale(dense, dense)
    const cell = width / this.content.slots
    text.slots.forEach((slot, i) => this.paintCell(pen, row, i, (slot - 1) * cell, cell - (cell > 6 ? 1 : 0)))
    if (row.crossing) {
      const x = (text.slots[row.crossing - 1] - 0.5) * cell
      pen.fillStyle = this.content.colors.text
      pen.fillRect(x - 0.75, 0, 1.5, row.marks ? PULLED_HEIGHT : STRIP_HEIGHT)
      pen.beginPath()
      pen.moveTo(x - 5, 0)
      pen.lineTo(x + 5, 0)
      pen.lineTo(x, 6)
      pen.fill()
    }
  }

  /** One element of a strip: its tint, its sign if it has one, its bar, its attention weight. */
  paintCell(pen, row, i, left, width) {
    pen.fillStyle = row.colors[i]
    pen.fillRect(left, 4, width, 16)
    if (row.marks?.[i] && width >= LEAST_CELL) {
      pen.fillStyle = this.content.colors.text
      pen.font = "11px system-ui, sans-serif"
      pen.textAlign = "center"
      pen.fillText(row.marks[i], left + width / 2, 16, width)
    }
    const middle = row.marks ? 29 : STRIP_HEIGHT / 2
    const bar = row.bars[i]
    if (bar) {
      pen.fillStyle = this.barColor(row, bar)
      const height = 1 + 7 * Math.abs(bar) * (row.marks ? 0.8 : 1)
      pen.fillRect(left, bar > 0 ? middle - height : middle, Math.max(width, 1), height)
    }
    if (row.weights) {
      pen.fillStyle = row.weight_colors[i]
      pen.fillRect(left, this.heightOf(row) - WEIGHTS_HEIGHT + 2, width, WEIGHTS_HEIGHT - 3)
    }
  }

  drawLegend() {
    const legend = this.content.legend
    this.legend.replaceChildren()
    if (!legend || !legend.ends) return
    const swatch = (color) => { const box = make("i", "swatch"); box.style.background = color; return box }
    const ends = [legend.ends[0].replace(MINUS, ""), legend.ends[1].replace("+", "")]
    if (this.chart) this.legend.append(this.chart.legend())
    if (legend.raising) {
      const scale = make("span", "scale")
      scale.append(make("span", "end", `lowers ${legend.positive} by up to ${ends[0]}`))
      scale.append(...[...legend.lowering, legend.neutral, ...legend.raising].map(swatch))
      scale.append(make("span", "end", `raises it by up to ${ends[1]}`))
      this.legend.append(scale)
    }
    if (legend.classes) {
      this.legend.append(make("span", "", `pulls towards, pale to strong by up to ${ends[1]}:`))
      for (const {name, mark, tints} of legend.classes) {
        const item = make("span", "scale class")
        item.append(...tints.map(swatch), make("b", "sign", mark), name === mark ? "" : make("span", "", name))
        this.legend.append(item)
      }
    }
    if (legend.attention) {
      const scale = make("span", "scale")
      scale.append(make("span", "end", "attention 0"), ...legend.attention.colors.map(swatch), make("span", "end", legend.attention.top))
      this.legend.append(scale)
    }
    this.legend.append(...legend.marks.map((mark) => make("span", "mark", mark)))
  }

  // ---- pointing

  word(row, position) {
    const found = this.elements.get(row)
    if (!found) return null
    return found.strip ? (position <= found.text.slots.length ? found.strip : null) : found.words[position - 1] || null
  }

  pointed(event) {
    const word = event.target.closest(".word")
    if (word) return this.point(word.dataset.row, Number(word.dataset.position))
    const strip = event.target.closest(".strip")
    if (strip) return this.point(strip.dataset.strip, this.under(event, strip, this.elements.get(strip.dataset.strip).text))
    const chart = event.target.closest(".chart")
    if (chart && this.chart) this.pointedChart(event, chart)
  }

  /** The position under the pointer on something as wide as all slots; 0 where the text has none there. */
  under(event, element, text) {
    const box = element.getBoundingClientRect()
    const slot = Math.floor((event.clientX - box.left) / box.width * this.content.slots) + 1
    return text.slots.indexOf(slot) + 1
  }

  /** On the chart of channels: the row in hand, or the first, tells of the step; the nearest line stands out. */
  pointedChart(event, chart) {
    const rows = [...this.elements.values()]
    const told = rows.find((each) => each.row.current && each.row.text === 0) || rows.find((each) => each.row.text === 0)
    const position = told ? this.under(event, chart, told.text) : 0
    if (!position) return
    const line = this.chart.nearest(position, event.clientY - chart.getBoundingClientRect().top)
    if (this.channel !== line.name) this.chart.paint(line.name)
    this.channel = line.name
    this.at = null
    this.point(told.row.key, position)
  }

  point(row, position) {
    if (!position) return
    if (this.at && this.at.row === row && this.at.position === position && this.model.position) return
    this.at = {row, position}
    this.showDetails()
    const slot = this.elements.get(row).text.slots[position - 1]
    this.mark(slot)
    if (this.content.linked) this.pointTo(slot)
  }

  leave() {
    if (this.channel) this.chart?.paint()
    this.channel = null
    this.mark(0)
    this.pointTo(0)
  }

  /** Tells all that follow: Python, the chart, and through `onPosition` the words. */
  pointTo(slot) {
    if (this.model.position !== slot) this.model.position = slot
  }

  /** Moves the line on the chart that belongs to these words. */
  moveCursor(slot) {
    if (!this.model.cursor) return
    for (const document of window.Bokeh.documents) {
      for (const line of document.all_models) {
        if (line.name === this.model.cursor && line.location !== slot) line.setv({location: slot, visible: slot > 0})
      }
    }
  }

  /** Outlines a slot in every row; what was pointed at elsewhere is told in the details. */
  mark(slot) {
    for (const marked of this.body.querySelectorAll(".at")) marked.classList.remove("at")
    for (const {row, text, words, cursor} of this.elements.values()) {
      if (!this.content.linked && (!this.at || row.key !== this.at.row)) continue
      const position = text.slots.indexOf(slot) + 1
      if (cursor) {
        this.place(cursor, slot, position > 0)
      } else if (position) {
        words[position - 1].classList.add("at")
      }
    }
    if (this.chart) this.place(this.chart.cursor, slot, slot > 0)
    if (!this.content.linked) return
    this.moveCursor(slot)
    if (slot) this.follow(slot)
  }

  /** Puts the outline of a slot on a strip or a chart. */
  place(cursor, slot, shown) {
    cursor.style.left = `${100 * (slot - 1) / this.content.slots}%`
    cursor.style.width = `${100 / this.content.slots}%`
    cursor.classList.toggle("at", shown)
  }

  follow(slot) {
    const told = this.at && this.elements.get(this.at.row)
    if (told && told.text.slots[this.at.position - 1] === slot) return
    const rows = [...this.elements.values()]
    for (const found of [told, ...rows.filter((each) => each.row.current), ...rows]) {
      const position = found ? found.text.slots.indexOf(slot) + 1 : 0
      if (!position) continue
      this.at = {row: found.row.key, position}
      return this.showDetails()
    }
  }

  showDetails() {
    this.details.replaceChildren()
    if (!(this.content.rows || []).length) return
    const {element} = this.content
    if (!this.at) return void this.details.append(make("span", "hint", HINTS[element]))
    const {row, text, words, spelled} = this.elements.get(this.at.row)
    const t = this.at.position
    const name = element === "step" ? `Step ${t}` : spelled ? spelled[t - 1] : words[t - 1].firstChild.textContent
    const title = make("div", "title")
    const shown = make("bdi", "shown", name)
    title.append(shown, make("span", "where", `${element} ${t} of ${text.slots.length} · ${row.name}`))
    const facts = make("div", "facts")
    const fact = (what, value) => {
      const pair = make("span", "fact")
      pair.append(make("span", "what", what), make("span", "value", value))
      facts.append(pair)
    }
    this.tellImpact(row, t, fact)
    if (row.weights) fact("attention", row.weights[t - 1].toFixed(4))
    if (text.seen.length) fact("", this.content.frequencies[text.seen[t - 1]])
    if (row.crossing === t) fact("", row.toward ? "here the predicted class changes for the last time" : "here the probability crosses 0.5 for the last time")
    if (this.chart) this.tellValues(row.text, t, fact)
    this.details.append(title, facts)
  }

  /** What the element changed: for the class it pulls towards, where that has a colour, and for the one in question. */
  tellImpact(row, t, fact) {
    const digits = LEGEND_DIGITS
    const change = (before, after, odds) => `${signed(100 * (after - before), digits.points)} points, ${signed(odds, digits.logit)} log-odds`
    const way = (before, after) => `${before.toFixed(digits.probability)} → ${after.toFixed(digits.probability)}`
    if (row.toward) {
      const [before, after, earlier, later] = row.pulled[t - 1]
      if (before !== null) fact(`pulls towards ${row.toward[t - 1]}`, `${way(before, after)}, ${change(before, after, later - earlier)}`)
    }
    const before = row.probability[t - 1]
    const after = row.probability[t]
    const what = `probability of ${row.asked}`
    if (before === null) {
      fact(what, after.toFixed(digits.probability))
      return fact("impact", "none: the network has no answer before it")
    }
    fact(what, way(before, after))
    fact("impact", change(before, after, row.logit[t] - row.logit[t - 1]))
  }

  /** The numbers of a step, the channel pointed at first. */
  tellValues(text, t, fact) {
    const lines = this.content.channels.lines
    const number = (line) => (line.values[text] ?? line.values[0])[t - 1].toPrecision(4).replace("-", MINUS)
    const pointed = lines.find((line) => line.name === this.channel)
    if (pointed) fact(`channel ${pointed.name}`, number(pointed))
    fact("values", lines.map(number).join(", "))
  }

  // ---- keyboard

  focused(event) {
    const word = event.target.closest(".word")
    if (!word) return
    for (const other of this.body.querySelectorAll(".word[tabindex='0']")) other.tabIndex = -1
    word.tabIndex = 0
    this.point(word.dataset.row, Number(word.dataset.position))
  }

  key(event) {
    if (event.key === "Escape" && this.menu) { event.stopPropagation(); event.preventDefault(); return this.closeMenu(true) }
    const word = event.target.closest(".word")
    if (!word) return this.keyOnStrip(event)
    const next = this.next(word, event.key)
    if (next) { event.preventDefault(); next.focus(); return }
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.openWordMenu(word) }
  }

  /** Along a strip with the arrow keys; Enter opens the menu of a step. */
  keyOnStrip(event) {
    const strip = event.target.closest(".strip")
    if (!strip) return
    const key = strip.dataset.strip
    const {text} = this.elements.get(key)
    const now = this.at && this.at.row === key ? this.at.position : 0
    const goal = {ArrowRight: now + 1, ArrowLeft: now - 1, Home: 1, End: text.slots.length}[event.key]
    if (goal) {
      event.preventDefault()
      this.point(key, Math.min(Math.max(goal, 1), text.slots.length))
    } else if (now && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault()
      this.openStepMenu(strip, now)
    }
  }

  next(word, key) {
    const {words} = this.elements.get(word.dataset.row)
    const i = Number(word.dataset.position) - 1
    const on = getComputedStyle(word.parentElement).direction === "rtl" ? -1 : 1
    if (key === "ArrowRight") return words[i + on]
    if (key === "ArrowLeft") return words[i - on]
    if (key === "Home") return words[0]
    if (key === "End") return words[words.length - 1]
    if (key !== "ArrowDown" && key !== "ArrowUp") return null
    const rows = [...this.elements.values()].filter((each) => each.words.length)
    const row = rows[rows.findIndex((each) => each.row.key === word.dataset.row) + (key === "ArrowDown" ? 1 : -1)]
    if (!row) return null
    const same = row.text.slots.indexOf(Number(word.dataset.slot))
    return row.words[same >= 0 ? same : Math.min(i, row.words.length - 1)]
  }

  // ---- menu

  clicked(event) {
    const word = event.target.closest(".word")
    if (word) return this.openWordMenu(word)
    const head = event.target.closest(".head")
    if (head && head.dataset.head) return this.model.send_msg({kind: "row", row: head.dataset.head})
    const strip = event.target.closest(".strip")
    const position = strip ? this.under(event, strip, this.elements.get(strip.dataset.strip).text) : 0
    if (position) this.openStepMenu(strip, position)
  }

  /** Steps can be left out; the words of a strip can where they are written out. */
  openStepMenu(strip, position) {
    if (this.content.element !== "step") return
    this.openMenu(strip, `Step ${position}`, strip.dataset.strip, position, this.elements.get(strip.dataset.strip).cursor)
  }

  openWordMenu(word) {
    this.openMenu(word, word.firstChild.textContent, word.dataset.row, Number(word.dataset.position), word)
  }

  /** The menu of an element; `opener` has the focus when it is closed, `place` is where it opens. */
  openMenu(opener, spelled, row, position, place) {
    this.closeMenu(false)
    const menu = make("div", "menu", null, {role: "dialog", "aria-label": `What to do with ${spelled}`})
    const choose = (action, by = "") => {
      this.model.send_msg({kind: "edit", row, position, action, by})
      this.closeMenu(true)
    }
    const button = (text, action) => {
      const made = make("button", "", text, {type: "button"})
      made.addEventListener("click", () => choose(action))
      return made
    }
    const form = make("form", "replace")
    const input = make("input", "", null, {type: "text", "aria-label": "Replace with", placeholder: "Replace with …", maxlength: "200", dir: "auto"})
    form.append(input, make("button", "", "Replace", {type: "submit"}))
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      if (input.value.trim()) choose("replace", input.value)
      else input.focus()
    })
    const name = make("div", "name")
    name.append(make("bdi", "", spelled))
    menu.append(name, button("Leave out", "leave out"))
    if (this.content.element === "word") menu.append(form)
    menu.append(button("Compare with and without", "compare"))
    this.menu = menu
    this.opener = opener
    this.root.append(menu)
    this.placeMenu(place, menu)
    menu.querySelector("button").focus()
  }

  placeMenu(place, menu) {
    const outer = this.root.getBoundingClientRect()
    const box = place.getClientRects()[0]
    const left = Math.min(Math.max(0, box.left - outer.left), Math.max(0, outer.width - menu.offsetWidth))
    menu.style.left = `${left}px`
    const below = box.bottom + 8
    const above = box.top - 8 - menu.offsetHeight
    menu.style.top = `${(below + menu.offsetHeight > window.innerHeight && above > 0 ? above : below) - outer.top}px`
  }

  closeMenu(refocus) {
    if (!this.menu) return
    this.menu.remove()
    this.menu = null
    if (refocus && this.opener.isConnected) this.opener.focus()
  }
}

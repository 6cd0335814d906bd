// Draws rows of coloured words from `content`; texts reach the page as text nodes only.

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
    this.legend.replaceChildren(...legendNodes(this.content, this.chart))
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
      role: "button", tabindex: "-1", "aria-haspopup": "menu", "aria-label": label(row, text, position, spelled),
    })
    const bar = row.bars[position - 1]
    word.style.background = row.colors[position - 1]
    if (bar) {
      word.classList.add(bar > 0 ? "up" : "down")
      word.style.setProperty("--bar", `${(1 + 5 * Math.abs(bar)).toFixed(1)}px`)
      word.style.setProperty("--strong", barColor(this.content, row, bar))
    }
    if (row.marks?.[position - 1]) word.append(make("sup", "mark", row.marks[position - 1], {"aria-hidden": "true"}))
    if (row.disputes?.[position - 1]) word.append(make("sup", "mark dispute", row.disputes?.[position - 1], {"aria-hidden": "true"}))
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

  strip(row) {
    const text = this.content.texts[row.text]
    const words = text.pieces.filter(([kind]) => kind === "word").map(([, spelled]) => spelled)
    const holder = make("div", "strip", null, {role: "img", tabindex: "0", "aria-label": `${row.name}: ${turn(this.content, row, words)}`})
    const canvas = make("canvas")
    const cursor = make("div", "cursor")
    holder.dataset.strip = row.key
    holder.style.height = canvas.style.height = `${heightOf(row)}px`
    holder.append(canvas, cursor)
    this.elements.set(row.key, {row, text, words: [], spelled: words, strip: holder, canvas, cursor})
    return holder
  }

  paintStrips() {
    this.chart?.paint()
    for (const drawn of this.elements.values()) {
      if (drawn.strip) paintStrip(this.content, drawn)
    }
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
    if (!this.at) return void this.details.append(make("span", "hint", HINTS[this.content.element]))
    this.details.append(...detailNodes(this.content, this.elements.get(this.at.row), this.at.position, this.channel))
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
    const choose = (action, by = "") => {
      this.model.send_msg({kind: "edit", row, position, action, by})
      this.closeMenu(true)
    }
    this.menu = menuOf(spelled, this.content.element === "word", choose)
    this.opener = opener
    this.root.append(this.menu)
    placeMenu(this.root, place, this.menu)
    this.menu.querySelector("button").focus()
  }

  closeMenu(refocus) {
    if (!this.menu) return
    this.menu.remove()
    this.menu = null
    if (refocus && this.opener.isConnected) this.opener.focus()
  }
}

// The channels of a sequence of numbers over its steps, in line with the strips of impacts below. Joined to word_rows.js.

const CHART_HEIGHT = 190
const TOP = 22 // pixels for the name of the axis
const AXIS = 20 // for the numbers of the steps

/** Where channels are drawn; `content.channels` says what, `content.slots` how many steps are side by side. */
class ChannelChart {
  constructor(content, texts) {
    this.content = content
    this.chart = content.channels
    this.texts = texts.slice(0, this.chart.lines[0].values.length)
    const names = this.chart.lines.map((line) => line.name)
    this.element = make("div", "chart", null, {role: "img", "aria-label": `${names.length} channels over ${content.slots} steps`})
    this.canvas = make("canvas")
    this.cursor = make("div", "cursor")
    this.element.append(this.canvas, this.cursor, make("span", "axis-title", "value"), make("span", "axis-title steps", "step"))
    for (const tick of this.chart.ticks) {
      const label = make("span", "tick", tick < 0 ? MINUS + -tick : String(tick))
      label.style.top = `${this.y(tick)}px`
      this.element.append(label)
    }
  }

  y(value) {
    const {low, high} = this.chart
    return TOP + (1 - (value - low) / (high - low)) * (CHART_HEIGHT - TOP - AXIS - 6)
  }

  /** The channel whose line is nearest to a place, at a step of the first sequence. */
  nearest(position, y) {
    const apart = this.chart.lines.map((line) => Math.abs(this.y(line.values[0][position - 1]) - y))
    return this.chart.lines[apart.indexOf(Math.min(...apart))]
  }

  paint(strong = null) {
    const width = this.element.clientWidth
    const dense = window.devicePixelRatio || 1
    if (!width) return
    this.canvas.width = Math.round(width * dense)
    this.canvas.height = Math.round(CHART_HEIGHT * dense)
    const pen = this.canvas.getContext("2d")
    pen.scale(dense, dense)
    const cell = width / this.content.slots
    this.paintAxes(pen, width, cell)
    this.texts.forEach((text, sequence) => {
      for (const line of this.chart.lines) {
        pen.strokeStyle = line.color
        pen.lineWidth = strong === line.name ? 3 : 1.5
        pen.globalAlpha = (sequence ? 0.45 : 1) * (strong && strong !== line.name ? 0.35 : 1)
        pen.setLineDash(line.dash)
        pen.beginPath()
        line.values[sequence].forEach((value, i) => pen.lineTo((text.slots[i] - 0.5) * cell, this.y(value)))
        pen.stroke()
        if (line.values[sequence].length === 1) pen.strokeRect((text.slots[0] - 0.5) * cell - 2, this.y(line.values[sequence][0]) - 2, 4, 4)
      }
    })
    pen.globalAlpha = 1
  }

  paintAxes(pen, width, cell) {
    pen.strokeStyle = this.chart.grid
    pen.lineWidth = 1
    for (const tick of this.chart.ticks) {
      const y = Math.round(this.y(tick)) + 0.5
      pen.beginPath()
      pen.moveTo(0, y)
      pen.lineTo(width, y)
      pen.stroke()
    }
    pen.fillStyle = this.chart.muted
    pen.font = "12px system-ui, sans-serif"
    pen.textAlign = "center"
    const every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((count) => count * cell >= 34) || 2000
    for (let step = 1; step <= this.content.slots; step++) {
      if (step === 1 || (step % every === 0 && step > every / 2 + 1)) pen.fillText(String(step), (step - 0.5) * cell, CHART_HEIGHT - 5)
    }
  }

  /** A legend: a short line and a name for each channel. */
  legend() {
    const holder = make("span", "channels")
    holder.append("channel ")
    for (const line of this.chart.lines) {
      const item = make("span", "channel")
      const sample = make("i", "sample")
      const style = line.dash.length ? (line.dash[0] < 3 ? "dotted" : "dashed") : "solid"
      sample.style.borderTop = `2.5px ${style} ${line.color}`
      item.append(sample, line.name)
      holder.append(item)
    }
    if (this.texts.length > 1) holder.append(make("span", "", "pale: the second sequence"))
    return holder
  }
}

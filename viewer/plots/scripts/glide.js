// Moves the points of all charts from where they were to where they are now, in half a second.
// Runs when the server has put new data into `cb_obj`: x_<key>, y_<key> are the new places, x0_<key>, y0_<key> the old ones,
// c_<group>, f_<group> the new colours, s_<group>, p_<group> what is said, c0_<group> and so on what was before: it stays until
// the points have arrived, so that nobody is told of a point what its colour does not say. Arrays are changed in place:
// nothing goes to the server.
const source = cb_obj
const {data} = source
const moving = Object.keys(data).filter((name) => /^[xy]0_/.test(name))
const waiting = Object.keys(data).filter((name) => /^[cfsp]0_/.test(name))
if (source._frame != null) cancelAnimationFrame(source._frame)
source._frame = null
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
if (moving.length === 0 || still) {
  source._drawn = null
  return
}
const paths = moving.map((name) => {
  const column = name[0] + name.slice(2)
  const end = Float64Array.from(data[column])
  const interrupted = source._drawn?.[column]
  const begin = Float64Array.from(data[name])
  if (interrupted?.length === end.length) begin.forEach((place, i) => { if (!isNaN(place)) begin[i] = interrupted[i] })
  return {column, begin, end}
})
const final = waiting.map((name) => [name[0] + name.slice(2), data[name[0] + name.slice(2)]])
for (const name of waiting) data[name[0] + name.slice(2)] = data[name]
source._drawn = {}
const start = performance.now()
function step(now) {
  const t = Math.min(1, Math.max(0, (now - start) / duration))
  const share = t * t * (3 - 2 * t)
  for (const {column, begin, end} of paths) {
    // What had no place before is at once where it is now.
    const drawn = Float64Array.from(end, (place, i) => isNaN(begin[i]) ? place : begin[i] + (place - begin[i]) * share)
    data[column] = drawn
    source._drawn[column] = drawn
  }
  if (t === 1) {
    for (const [name, column] of final) data[name] = column
    source._drawn = null
    source._frame = null
  } else {
    source._frame = requestAnimationFrame(step)
  }
  source.change.emit()
}
step(start)

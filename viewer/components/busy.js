// Shows that the server works on what this page sent, and from the start until it has made the page. Behind whatever is
// sent goes a question of our own: the server answers in turn, so once that is answered, so is all that went before.

const LATE = 200 // milliseconds: what is answered sooner needs no mark

export function render({view, model}) {
  const page = document.querySelector("main")
  const mark = document.getElementById("busy")
  const bokeh = view.model.document
  let waiting = false // for our answer
  let more = false // was sent behind our question
  let asking = false
  let timer = null

  const show = (working) => {
    page.setAttribute("aria-busy", String(working))
    mark.hidden = !working
  }
  const ask = () => {
    more = false
    asking = true
    model.send_msg("done?")
    asking = false
  }
  const wait = () => {
    waiting = true
    timer = setTimeout(() => show(true), LATE)
    setTimeout(ask) // behind all that is sent in this turn
  }
  const sent = ({sync}) => {
    if (!sync || asking) return // came from the server, or is the question itself
    if (waiting) more = true
    else wait()
  }
  const answered = () => {
    waiting = false
    clearTimeout(timer)
    show(false)
    if (more) wait()
  }
  model.on("msg:custom", answered)
  bokeh.on_change(sent)
  wait()
  model.on("remove", () => bokeh.remove_on_change(sent))
}

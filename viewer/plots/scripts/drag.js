// What a drag that begins does to what is selected: with Alt it takes away. Shift adds by Bokeh's own rule.
// Alt also turns Bokeh's `continuous` around, which would select anew at every step of the mouse.
const {alt} = cb_obj.modifiers
for (const tool of cb_obj.origin.toolbar.tools) {
  if ("continuous" in tool) tool.setv({mode: alt ? "subtract" : "replace", continuous: alt}, {sync: false})
}

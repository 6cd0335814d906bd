// Where software draws WebGL, as on a machine without a graphics card, a plain canvas is quicker: a selection among
// 25,000 points on three maps was painted in 0.4 s by it, in 2 to 4 s by WebGL. Whoever asks there is told there is none.

{
  const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i
  const plain = HTMLCanvasElement.prototype.getContext

  const renderer = (context) => {
    const more = context.getExtension("WEBGL_debug_renderer_info")
    return String(context.getParameter(more ? more.UNMASKED_RENDERER_WEBGL : context.RENDERER))
  }
  HTMLCanvasElement.prototype.getContext = function (kind, ...options) {
    const context = plain.call(this, kind, ...options)
    return context && /^webgl/.test(kind) && SOFTWARE.test(renderer(context)) ? null : context
  }
}

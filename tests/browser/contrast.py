"""How well each text of a page can be told from what lies behind it, as a reader meets it: WCAG's contrast."""

from typing import Any

from playwright.sync_api import Page

LEAST = 4.5  # WCAG 2.2, 1.4.3, for text of any size
LEAST_MARK = 3.0  # the same, 1.4.11, for a sign that is not read: of the two triangles one points up, one down
MARKS = ("\N{BLACK UP-POINTING TRIANGLE}", "\N{BLACK DOWN-POINTING TRIANGLE}")
# Every element with text of its own: what it is written with, and what lies behind it, from the page's ground upwards.
TEXTS = """() => {
  const found = []
  const shown = (element) => element.checkVisibility({visibilityProperty: true}) && element.getClientRects().length
  const above = (element) => element.parentElement ?? element.getRootNode().host ?? null
  const walk = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) walk(element.shadowRoot)
      const own = [...element.childNodes].filter((each) => each.nodeType === 3).map((each) => each.data).join('').trim()
      const text = own || (element.matches('input, textarea') ? element.value || element.placeholder : '')
      if (!text || element.matches('style, script, option, title') || !shown(element)) continue
      if (element.closest('[disabled], :disabled, .bk-disabled, [aria-disabled=true]')) continue
      const layers = [], box = element.getBoundingClientRect()
      if (!box.width || !box.height) continue
      for (let each = element; each; each = above(each)) {
        const style = getComputedStyle(each)
        layers.unshift({background: style.backgroundColor, opacity: Number(style.opacity)})
      }
      const empty = element.matches('input, textarea') && !element.value
      const color = getComputedStyle(element, empty ? '::placeholder' : null).color
      found.push({text: text.slice(0, 40), color, layers, word: element.classList.contains('word')})
    }
  }
  walk(document)
  return found
}"""
# As a page that the server still works on is dimmed, its texts are looked at once it is done, in the same breath.
AT_REST = f"() => document.querySelector('main[aria-busy=true]') ? null : ({TEXTS})()"

Color = tuple[float, float, float, float]


def parsed(color: str) -> Color:
    """A computed colour, `rgb(1, 2, 3)` or `rgba(1, 2, 3, 0.4)`, as red, green, blue, alpha."""
    assert color.startswith("rgb"), color
    red, green, blue, *alpha = (float(part) for part in color[color.index("(") + 1 : -1].replace("/", ",").split(","))
    return red, green, blue, alpha[0] if alpha else 1.0


def over(top: Color, ground: Color) -> Color:
    """What one colour looks like over an opaque one."""
    red, green, blue = (top[3] * above + (1 - top[3]) * below for above, below in zip(top[:3], ground[:3], strict=True))
    return red, green, blue, 1.0


def luminance(color: Color) -> float:
    """Relative luminance as WCAG defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in color[:3])]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(found: dict[str, Any]) -> float:
    """Of a text as it is composed: each element is painted, with its opacity, over all that lies behind it."""
    ground: Color = (255, 255, 255, 1)
    opacity = 1.0
    for layer in found["layers"]:
        opacity *= layer["opacity"]
        red, green, blue, alpha = parsed(layer["background"])
        ground = over((red, green, blue, alpha * opacity), ground)
    red, green, blue, alpha = parsed(found["color"])
    one, other = luminance(over((red, green, blue, alpha * opacity), ground)), luminance(ground)
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def texts(page: Page) -> list[dict[str, Any]]:
    """All texts of the page once the server has answered."""
    found: list[dict[str, Any]] = page.wait_for_function(AT_REST).json_value()
    return found


def faint(found: list[dict[str, Any]]) -> list[str]:
    """Those of `texts` that stand out too little, and by how much they do."""
    least = [(each, LEAST_MARK if each["text"] in MARKS else LEAST) for each in found]
    return sorted({f"{each['text']}: {contrast(each):.2f}" for each, bound in least if contrast(each) < bound})

import { createContext, runInContext } from 'node:vm'

/** What the scripts of a page drew: how often each canvas method was called, and every text that was written. */
export interface Drawing {
  readonly calls: Map<string, number>
  readonly texts: string[]
  /** Elements by id, with their key handlers. */
  readonly elements: Map<string, FakeElement>
}

/**
 * Runs the scripts of a report with just enough of a browser for the real uPlot: elements that remember, a canvas that
 * counts. Not a browser: layout and looks are checked in a real one.
 */
export function runPage(page: string): Drawing {
  const drawing: Drawing = { calls: new Map(), texts: [], elements: new Map() }
  const scripts = [...page.matchAll(/<script>([^]*?)<\/script>/g)].map((match) => match[1] ?? '')
  const json =
    /<script type="application\/json" id="result">([^]*?)<\/script>/.exec(page)?.[1] ?? ''
  const ids = [...page.matchAll(/<div\s+class="plot"\s+id="([^"]+)"/g)].map(
    (match) => match[1] ?? '',
  )
  for (const id of ids) drawing.elements.set(id, new FakeElement(drawing))
  const result = new FakeElement(drawing)
  result.textContent = json
  drawing.elements.set('result', result)
  const document = {
    getElementById: (id: string) => drawing.elements.get(id) ?? null,
    querySelectorAll: () => ids.map((id) => drawing.elements.get(id)),
    createElement: () => new FakeElement(drawing),
    documentElement: new FakeElement(drawing),
    body: new FakeElement(drawing),
    addEventListener: () => undefined,
  }
  const media = {
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }
  const tasks: (() => void)[] = []
  const page_ = {
    document,
    navigator: { language: 'en-US' },
    devicePixelRatio: 1,
    matchMedia: () => media,
    getComputedStyle: () => ({ getPropertyValue: () => '#123456' }),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    dispatchEvent: () => undefined,
    CustomEvent: Event,
    HTMLElement: FakeElement,
    queueMicrotask: (task: () => void) => void tasks.push(task),
    Path2D: function path() {
      return countingCanvas(drawing)
    },
  }
  const world = createContext({ ...page_, window: page_ })
  for (const script of scripts) runInContext(script, world)
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task()
  return drawing
}

class FakeElement {
  textContent = ''
  style: Record<string, unknown> = {}
  readonly #handlers = new Map<string, (event: unknown) => void>()
  clientWidth = 960
  clientHeight = 240
  width = 0
  height = 0
  readonly children: FakeElement[] = []
  parentElement: FakeElement | null = null
  readonly classList = {
    add: () => undefined,
    remove: () => undefined,
    contains: () => false,
    toggle: () => undefined,
  }
  nodeValue = ''
  readonly #text: FakeElement
  readonly #drawing: Drawing

  constructor(drawing: Drawing) {
    this.#drawing = drawing
    this.#text = this
  }

  getContext(): unknown {
    return countingCanvas(this.#drawing)
  }

  appendChild(child: FakeElement): FakeElement {
    child.parentElement = this
    this.children.push(child)
    return child
  }

  insertBefore(child: FakeElement): FakeElement {
    return this.appendChild(child)
  }

  getBoundingClientRect(): object {
    return { left: 0, top: 0, width: this.clientWidth, height: this.clientHeight }
  }

  get childNodes(): readonly FakeElement[] {
    return this.children
  }

  /** A text node of its own where there is no element. */
  get firstChild(): FakeElement {
    return this.children[0] ?? this.#text
  }

  addEventListener(kind: string, handler: (event: unknown) => void): void {
    this.#handlers.set(kind, handler)
  }

  removeEventListener(kind: string): void {
    this.#handlers.delete(kind)
  }

  tell(kind: string, event: unknown): void {
    this.#handlers.get(kind)?.(event)
  }

  setAttribute(name: string, value: string): void {
    this.style[name] = value
  }

  remove(): void {
    this.parentElement = null
  }

  blur(): void {
    this.tell('blur', {})
  }
}

function countingCanvas(drawing: Drawing): unknown {
  return new Proxy<Record<string, unknown>>(
    {},
    {
      get(target, name) {
        if (name in target) return target[String(name)]
        return (...words: readonly unknown[]) => {
          drawing.calls.set(String(name), (drawing.calls.get(String(name)) ?? 0) + 1)
          if (name === 'fillText') drawing.texts.push(String(words[0]))
          if (name === 'measureText') return { width: 10 }
          return undefined
        }
      },
    },
  )
}

/* A PDF in the page: pages drawn when they come into sight, zoom, fit, rotate, jump, bookmarks. Markup: components/pdf_viewer.html. */

const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];
const ROOMY = 900; // narrower, the bookmarks would leave too little for the page: they open on request and close once used
const MAX_PIXELS = 12e6; // a canvas larger than this is drawn coarser: tablets have little memory

class Viewer {
  constructor(box) {
    this.box = box;
    this.zoom = "fit";
    this.rotation = 0;
    this.pages = [];
    this.body = box.querySelector(".pdf-body");
  }

  async open() {
    this.tell("正在開啟文件…");
    try {
      this.pdfjs = await import(new URL(this.box.dataset.pdfjs, location.href).href);
      this.pdfjs.GlobalWorkerOptions.workerSrc = new URL(this.box.dataset.pdfjsWorker, location.href).href;
      this.doc = await this.pdfjs.getDocument({
        url: new URL(this.box.dataset.pdf, location.href).href,
        isEvalSupported: false,
        useWasm: false,
        withCredentials: true,
        ...this.extras(),
      }).promise;
    } catch (error) {
      this.tell("這份文件無法在頁面中顯示。", true);
      console.info("pdf", error?.name);
      return;
    }
    this.first = await this.doc.getPage(1);
    this.toolbar();
    this.build();
    this.outline();
  }

  /* Character maps, stand-in fonts and picture decoders, fetched only by the PDFs that need them. */
  extras() {
    const folder = (name) => new URL(name, new URL(this.box.dataset.pdfjsExtras, location.href)).href;
    return this.box.dataset.pdfjsExtras
      ? { cMapUrl: folder("cmaps/"), cMapPacked: true, standardFontDataUrl: folder("standard_fonts/"), wasmUrl: folder("wasm/") }
      : {};
  }

  tell(words, link = false) {
    const p = document.createElement("p");
    p.className = "pdf-message";
    p.append(words);
    if (link) {
      const a = document.createElement("a");
      Object.assign(a, { href: this.box.dataset.pdf, target: "_blank", rel: "noopener", textContent: "另開視窗查看（PDF）" });
      p.append(document.createElement("br"), a);
    }
    this.body.replaceChildren(p);
  }

  button(icon, label, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.title = label;
    button.setAttribute("aria-label", label);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${this.box.dataset.icons}#${icon}`);
    svg.append(use);
    button.append(svg);
    button.addEventListener("click", act);
    return button;
  }

  toolbar() {
    const bar = this.box.querySelector(".pdf-bar");
    const open = bar.querySelector(".pdf-open");
    this.outlineButton = this.button("list", "書籤", () => this.toggleOutline());
    this.outlineButton.hidden = true;
    this.outlineButton.setAttribute("aria-expanded", "false");
    bar.prepend(this.outlineButton);
    this.field = document.createElement("input");
    this.field.setAttribute("inputmode", "numeric");
    this.field.setAttribute("aria-label", `頁碼，共 ${this.doc.numPages} 頁`);
    this.field.value = 1;
    this.field.addEventListener("change", () => this.go(parseInt(this.field.value, 10) || 1));
    this.field.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); this.go(parseInt(this.field.value, 10) || 1); } });
    const count = document.createElement("span");
    count.textContent = `/ ${this.doc.numPages}`;
    const buttons = [
      this.button("zoom-out", "縮小", () => this.scaleBy(-1)),
      this.button("zoom-in", "放大", () => this.scaleBy(1)),
      this.button("fit", "符合寬度", () => this.setZoom("fit")),
      this.button("rotate", "順時針旋轉", () => this.rotate()),
    ];
    for (const one of [this.field, count, ...buttons]) bar.insertBefore(one, open);
  }

  build() {
    this.list = document.createElement("div");
    this.list.className = "pdf-pages";
    this.list.tabIndex = 0;
    this.list.setAttribute("role", "region");
    this.list.setAttribute("aria-label", "文件內容");
    this.body.replaceChildren(this.list);
    this.side = document.createElement("nav");
    this.side.className = "pdf-outline";
    this.side.setAttribute("aria-label", "文件書籤");
    this.side.hidden = true;
    this.body.prepend(this.side);
    this.watch = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const page = this.pages[Number(entry.target.dataset.page) - 1];
        if (entry.isIntersecting) this.draw(page);
        else this.clear(page);
      }
    }, { root: this.list, rootMargin: "600px 0px" });
    for (let number = 1; number <= this.doc.numPages; number += 1) {
      const element = document.createElement("div");
      element.className = "pdf-page";
      element.dataset.page = number;
      this.list.append(element);
      this.pages.push({ number, element });
    }
    this.layout();
    for (const page of this.pages) this.watch.observe(page.element);
    this.list.addEventListener("scroll", () => {
      const number = this.current();
      if (document.activeElement !== this.field) this.field.value = number;
    }, { passive: true });
    let width = this.list.clientWidth;
    new ResizeObserver(() => {
      if (this.zoom !== "fit" || Math.abs(this.list.clientWidth - width) < 4) return;
      width = this.list.clientWidth;
      this.relayout();
    }).observe(this.list);
  }

  viewport(page) {
    const source = page.proxy || this.first;
    const rotation = (source.rotate + this.rotation) % 360;
    const plain = source.getViewport({ scale: 1, rotation });
    const scale = this.zoom === "fit" ? Math.max(0.2, (this.list.clientWidth - 20) / plain.width) : this.zoom * (96 / 72);
    return source.getViewport({ scale, rotation });
  }

  layout() {
    for (const page of this.pages) {
      const view = this.viewport(page);
      page.element.style.width = `${Math.floor(view.width)}px`;
      page.element.style.height = `${Math.floor(view.height)}px`;
    }
  }

  relayout() {
    const number = this.current();
    for (const page of this.pages) this.clear(page);
    this.layout();
    this.go(number);
    for (const page of this.pages) { this.watch.unobserve(page.element); this.watch.observe(page.element); }
  }

  async draw(page) {
    if (page.drawn) return;
    page.drawn = true;
    try {
      if (!page.proxy) {
        page.proxy = await this.doc.getPage(page.number);
        const view = this.viewport(page);
        page.element.style.width = `${Math.floor(view.width)}px`;
        page.element.style.height = `${Math.floor(view.height)}px`;
      }
      const view = this.viewport(page);
      let ratio = Math.min(window.devicePixelRatio || 1, 2);
      if (view.width * view.height * ratio * ratio > MAX_PIXELS) ratio = Math.sqrt(MAX_PIXELS / (view.width * view.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.floor(view.width * ratio);
      canvas.height = Math.floor(view.height * ratio);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `第 ${page.number} 頁`);
      page.task = page.proxy.render({ canvas, viewport: view, transform: ratio === 1 ? null : [ratio, 0, 0, ratio, 0, 0] });
      await page.task.promise;
      if (!page.drawn) return;
      const text = document.createElement("div");
      text.className = "textLayer";
      page.element.style.setProperty("--total-scale-factor", view.scale);
      page.element.style.setProperty("--scale-factor", view.scale);
      page.element.replaceChildren(canvas, text);
      await new this.pdfjs.TextLayer({ textContentSource: page.proxy.streamTextContent(), container: text, viewport: view }).render();
    } catch (error) {
      if (error?.name !== "RenderingCancelledException" && error?.name !== "AbortException") {
        page.element.textContent = `第 ${page.number} 頁無法顯示`;
      }
    }
  }

  clear(page) {
    page.task?.cancel?.();
    page.task = null;
    page.drawn = false;
    page.element.replaceChildren();
  }

  current() {
    const middle = this.list.scrollTop + this.list.clientHeight / 3;
    let found = 1;
    for (const page of this.pages) {
      if (page.element.offsetTop - this.list.offsetTop <= middle) found = page.number;
      else break;
    }
    return found;
  }

  go(number) {
    const page = this.pages[Math.max(1, Math.min(number, this.doc.numPages)) - 1];
    this.list.scrollTop = page.element.offsetTop - this.list.offsetTop - 8;
    this.field.value = page.number;
  }

  scaleBy(step) {
    const now = this.zoom === "fit" ? this.viewport(this.pages[this.current() - 1]).scale / (96 / 72) : this.zoom;
    const wanted = step > 0 ? ZOOMS.find((zoom) => zoom > now + 0.01) : ZOOMS.findLast((zoom) => zoom < now - 0.01);
    if (wanted) this.setZoom(wanted);
  }

  setZoom(zoom) { this.zoom = zoom; this.relayout(); }

  rotate() { this.rotation = (this.rotation + 90) % 360; this.relayout(); }

  async outline() {
    const entries = await this.doc.getOutline();
    if (!entries?.length) return;
    const branch = (nodes) => {
      const ul = document.createElement("ul");
      for (const node of nodes) {
        const li = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = node.title;
        button.addEventListener("click", () => this.follow(node.dest));
        li.append(button);
        if (node.items?.length) li.append(branch(node.items));
        ul.append(li);
      }
      return ul;
    };
    this.side.append(branch(entries));
    this.outlineButton.hidden = false;
    if (this.body.clientWidth > ROOMY) this.toggleOutline();
  }

  toggleOutline() {
    this.side.hidden = !this.side.hidden;
    this.outlineButton.setAttribute("aria-expanded", String(!this.side.hidden));
  }

  async follow(dest) {
    const target = typeof dest === "string" ? await this.doc.getDestination(dest) : dest;
    if (!target) return;
    const index = typeof target[0] === "number" ? target[0] : await this.doc.getPageIndex(target[0]);
    this.go(index + 1);
    if (this.body.clientWidth <= ROOMY) this.toggleOutline();
  }
}

const viewers = new Map();
function start(root) {
  const boxes = [...root.querySelectorAll("[data-pdf]")];
  if (root.matches?.("[data-pdf]")) boxes.push(root);
  for (const box of boxes) {
    if (viewers.get(box.id)?.box === box) continue;
    const viewer = new Viewer(box);
    viewers.set(box.id, viewer);
    viewer.open();
  }
}
start(document);
// Another document that htmx has put in the place of the first.
document.addEventListener("htmx:load", (event) => start(event.detail.elt));

// <a href="…" data-pdf-page="12" data-pdf-target="pdf"> beside the document jumps inside it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-pdf-page]");
  const viewer = link && viewers.get(link.dataset.pdfTarget || "pdf");
  if (!viewer?.doc) return;
  event.preventDefault();
  viewer.go(Number(link.dataset.pdfPage));
});

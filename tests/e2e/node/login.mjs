// A person in Chromium who follows an authorization URL: signs in, decides, and is sent back to the client.
// Prints what happened as one line of JSON: the pages seen, and the request that carries the answer.
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const { values: wish } = parseArgs({
  options: {
    url: { type: "string" },
    username: { type: "string" },
    password: { type: "string" },
    decision: { type: "string", default: "accept" }, // or "deny"
    scope: { type: "string", multiple: true }, // exactly these boxes; without it the page's own choice
    language: { type: "string", default: "en" },
    viewport: { type: "string", default: "1280x800" },
    deliver: { type: "boolean", default: false }, // wait for the client's own page, too
    "no-script": { type: "boolean", default: false },
    screenshots: { type: "string" }, // a folder
  },
});

const PATIENCE = { timeout: 20_000 };

const [width, height] = wish.viewport.split("x").map(Number);
const redirectUri = new URL(wish.url).searchParams.get("redirect_uri");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
try {
  console.log(JSON.stringify(await walk()));
} finally {
  await browser.close();
}

async function walk() {
  const context = await browser.newContext({
    locale: wish.language,
    viewport: { width, height },
    javaScriptEnabled: !wish["no-script"],
  });
  const page = await context.newPage();
  const seen = { pages: [], callback: null, messages: [] };
  page.on("console", (message) => seen.messages.push(message.text()));
  const away = new Promise((resolve) => page.on("request", (request) => {
    if (seen.callback === null && request.isNavigationRequest() && request.url().startsWith(redirectUri)) {
      seen.callback = { url: request.url(), method: request.method(), body: request.postData() };
      resolve();
    }
  }));
  const response = await page.goto(wish.url, PATIENCE);
  let status = response.status();
  page.on("response", (answer) => { if (answer.request().isNavigationRequest()) status = answer.status(); });

  const asked = new Set();
  while (seen.callback === null) {
    const kind = await kindOf(page);
    seen.pages.push(await look(page, kind, status, seen.pages.length));
    // A page that comes back after its answer, or that asks nothing, is where the walk ends.
    if (kind === "other" || asked.has(kind)) break;
    asked.add(kind);
    await move(page, away, await answer(page, kind), seen);
  }
  if (seen.callback !== null && wish.deliver) {
    await page.waitForURL((url) => url.href.startsWith(redirectUri), PATIENCE);
    seen.pages.push(await look(page, "client", status, seen.pages.length));
  }
  return seen;
}

async function kindOf(page) {
  if (await page.locator("#kc-form-login").count()) return "login";
  if (await page.locator("#kc-cancel").count()) return "consent";
  return "other";
}

// Fills in the page and gives the button to press.
async function answer(page, kind) {
  if (kind === "login") {
    await page.fill("[name=username]", wish.username);
    await page.fill("[name=password]", wish.password);
    return page.locator("#kc-login");
  }
  if (wish.scope) {
    for (const box of await page.locator("input[name=scope]").all()) {
      await box.setChecked(wish.scope.includes(await box.getAttribute("value")));
    }
  }
  return page.locator(wish.decision === "accept" ? "#kc-login" : "#kc-cancel");
}

// Presses the button and waits until the browser is somewhere else.
async function move(page, away, button, seen) {
  const moved = page.waitForEvent("framenavigated", PATIENCE);
  // The click settles only after what it set off, and a client that does not answer keeps that open.
  const clicked = button.click(PATIENCE);
  for (const late of [moved, clicked]) late.catch(() => {});
  await Promise.race([away, moved, clicked.then(() => moved)]).catch((error) => {
    throw new Error(`nothing came after the button; the console says ${JSON.stringify(seen.messages)}`, { cause: error });
  });
  if (seen.callback === null) await page.waitForLoadState("load", PATIENCE);
}

async function look(page, kind, status, number) {
  if (wish.screenshots) {
    const name = `${number + 1}-${kind}-${wish.language}-${width}.png`;
    await page.screenshot({ path: `${wish.screenshots}/${name}`, fullPage: true });
  }
  const facts = await page.evaluate(() => ({
    language: document.documentElement.lang,
    heading: document.querySelector("h1")?.textContent ?? "",
    text: document.body.innerText,
    scopes: [...document.querySelectorAll("input[name=scope]")].map((box) => box.value),
    overflows: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  }));
  return { kind, status, url: page.url(), title: await page.title(), ...facts };
}

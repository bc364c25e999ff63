// The balance box of the node: asks the route and shows what it says.
import { app } from "../../../scripts/app.js";
import { api } from "../../../scripts/api.js";

const NODE = "BananaImageNode";

function inputValue(node, name) {
  const widget = (node.widgets || []).find((entry) => entry.name === name);
  return widget ? String(widget.value || "") : "";
}

async function requestBalance(node, refresh) {
  const baseUrl = inputValue(node, "base_url");
  // The file's key is used; the node's own box stays with the node.
  const response = await api.fetchApi(
    `/banana/token_usage?base_url=${encodeURIComponent(baseUrl)}&refresh=${refresh ? 1 : 0}`,
    { method: "GET" }
  );
  if (response.status === 404) {
    throw new Error(`HTTP ${response.status}`);
  }
  const answer = await response.json();
  if (!answer.success) {
    throw new Error(answer.message || "unknown");
  }
  return answer;
}

async function queryBalance(node, box) {
  try {
    const answer = await requestBalance(node, true);
    box.value = answer.summary;
  } catch (error) {
    box.value = `❌ ${error.message}`;
  }
}

app.registerExtension({
  name: "banana.token.balance",
  async nodeCreated(node) {
    if (node.comfyClass !== NODE) {
      return;
    }
    const box = node.addWidget("text", "余额", "", () => {});
    node.addWidget("button", "查询余额", null, () => queryBalance(node, box));
  },
});

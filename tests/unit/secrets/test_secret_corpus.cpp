// Both directions of redaction by look: forms in which people paste keys, each with 1,000 keys that are made here, and
// texts that must come back byte for byte.
#include "base64.hpp"
#include "redact_stream.hpp"
#include "redaction.hpp"
#include "support/sanitized.hpp"

#include <boost/algorithm/string/replace.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_secret_corpus)

namespace {

constexpr unsigned kKeys = test::kSanitized ? 20 : 1000;

class Maker {
public:
    explicit Maker(unsigned seed) : random_(seed) {}

    std::string of(std::string_view alphabet, std::size_t length) {
        std::string word;
        while (word.size() < length) {
            word += alphabet[random_() % alphabet.size()];
        }
        return word;
    }
    std::string letters(std::size_t length) { return of(kLetters, length); }
    std::string hex(std::size_t length) { return of("0123456789abcdef", length); }
    std::size_t below(std::size_t limit) { return random_() % limit; }

private:
    static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::mt19937 random_;
};

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += {kDigits[static_cast<unsigned char>(c) >> 4U], kDigits[static_cast<unsigned char>(c) & 15U]};
    }
    return out;
}

std::string wrapped(const std::string& text, std::size_t width, const std::string& by) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += width) {
        out += (at == 0 ? "" : by) + text.substr(at, width);
    }
    return out;
}

// The longest run of the key's characters that stands in the text.
std::size_t shown_run(const std::string& text, const std::string& key) {
    std::size_t longest = 0;
    for (std::size_t at = 0; at < key.size(); ++at) {
        while (at + longest < key.size() && text.find(key.substr(at, longest + 1)) != std::string::npos) {
            ++longest;
        }
    }
    return longest;
}

struct Form {
    std::string name;
    std::function<std::string(const std::string& key, Maker& maker)> write;
};

// `§` stands for the key.
Form around(std::string text) {
    return {text,
            [text](const std::string& key, Maker&) { return boost::algorithm::replace_all_copy(text, "§", key); }};
}

Form broken(std::string name, std::string before, std::string by) {
    return {std::move(name), [before = std::move(before), by = std::move(by)](const std::string& key, Maker& maker) {
                const std::size_t at = 16 + maker.below(key.size() - 32);
                return before + key.substr(0, at) + by + key.substr(at) + "\nnext line";
            }};
}

std::vector<Form> forms() {
    std::vector<Form> all;
    for (const char* text : {"NameError: name '§' is not defined",
                             "ModuleNotFoundError: No module named '§'",
                             "KeyError: '§'",
                             "ValueError: could not convert string to float: '§'",
                             "{'k': '§', 'n': 5}",
                             R"({"widgets_values": ["§", "auto", 5]})",
                             R"(["a", "§", null])",
                             "OPENAI = §",
                             "export MY_THING=§",
                             "set FOO=§",
                             "$env:FOO = \"§\"",
                             "FOO: §",
                             "§",
                             "- §",
                             "<api_key>§</api_key>",
                             "<apiKey type=\"x\">§</apiKey>",
                             "<td>api_key</td><td>§</td>",
                             "<entry key=\"api_key\">§</entry>",
                             "<key>api_key</key>\n  <string>§</string>",
                             "<input name=\"api_key\" value=\"§\">",
                             "name,api_key,age\nbob,§,5\n",
                             "| name | api_key |\n| --- | --- |\n| bob | § |\n",
                             "name\tapi_key\nbob\t§\n",
                             "name      api_key\nbob       §\n",
                             "https://example.org/v1/chat?k=§&b=1",
                             "https://example.org/§/chat",
                             "GET /v1/§ HTTP/1.1",
                             "curl -H 'X-Foo: §'",
                             "--token-for-it §",
                             "--api-key § --port 1",
                             "api_key: |\n  §\n",
                             "api_key =\n  §\n",
                             "key is § ok",
                             "我的密钥是§，谢谢",
                             "秘钥: §",
                             "金鑰: §",
                             "credential: §",
                             "密鑰：§",
                             "凭证: §",
                             "Authorization: §",
                             "Authorization: Token §",
                             "{\"headers\": {\"X-Custom\": \"§\"}}",
                             "(§)",
                             "[§]",
                             "<§>",
                             "「§」",
                             "`§`",
                             "**§**",
                             "key=§;",
                             "user:§@host",
                             "Bearer §",
                             "bearer=§",
                             "\\n§\\n",
                             "%3D§%26",
                             "{\\\"k\\\": \\\"§\\\"}",
                             "('api_key', '§')",
                             "\"name\": \"api_key\", \"value\": \"§\"",
                             "name=\"api_key\"\r\n\r\n§\r\n--x",
                             "loaded § at 12:00:01",
                             "[2025-11-12 16:49:00] § rejected",
                             "x=§, y=2",
                             "\x1b[31m§\x1b[0m",
                             "/srv/data/§/x",
                             "C:\\data\\§\\x",
                             "fix§",
                             "xx_§",
                             "prefix-§",
                             "账号§密码",
                             "a.b.§",
                             "token=§",
                             "app_secret: §",
                             "# §",
                             "// §",
                             "; §",
                             "@§",
                             "$§"}) {
        all.push_back(around(text));
    }
    for (const auto& [name, by] :
         std::initializer_list<std::pair<std::string, std::string>>{{"zero width space", "\u200B"},
                                                                    {"zero width joiner", "\u200D"},
                                                                    {"word joiner", "\u2060"},
                                                                    {"byte order mark", "\uFEFF"},
                                                                    {"soft hyphen", "\u00AD"},
                                                                    {"escaped zero width space", "\\u200b"},
                                                                    {"blank", " "},
                                                                    {"line break", "\n"},
                                                                    {"CRLF", "\r\n"},
                                                                    {"quoted-printable", "=\n"},
                                                                    {"backslash", "\\\n"},
                                                                    {"backslash, indented", "\\\n    "},
                                                                    {"quotation", "\n> "},
                                                                    {"next line indented", "\n    "}}) {
        all.push_back(broken(name, "", by));
        all.push_back(broken(name + ", named", "api_key = ", by));
    }
    const auto add = [&](std::string name, auto write) { all.push_back({std::move(name), write}); };
    add("id:secret", [](const std::string& key, Maker& maker) { return "NAME = " + maker.letters(12) + ":" + key; });
    add("id.secret", [](const std::string& key, Maker& maker) { return "FOO " + maker.hex(32) + "." + key; });
    add("uuid:secret", [](const std::string& key, Maker&) { return "550e8400-e29b-41d4-a716-446655440000:" + key; });
    add("base64", [](const std::string& key, Maker&) { return "x " + base64_encode(key) + " y"; });
    add("base64 of Bearer", [](const std::string& key, Maker&) { return base64_encode("Bearer " + key); });
    add("base64 of a line", [](const std::string& key, Maker&) { return base64_encode("api_key = " + key + "\n"); });
    add("base64 of prose",
        [](const std::string& key, Maker&) { return base64_encode("my key, do not tell: " + key + ", thanks"); });
    add("base64, wrapped", [](const std::string& key, Maker&) {
        return wrapped(base64_encode("[gemini]\n# a comment of some length\napi_key = " + key + "\nmax_workers = 8\n"),
                       76, "\n");
    });
    add("hexadecimal", [](const std::string& key, Maker&) { return "dump " + hexadecimal(key) + " end"; });
    add("hexadecimal of Bearer", [](const std::string& key, Maker&) { return hexadecimal("Bearer " + key); });
    return all;
}

// Base64 or hexadecimal digits of it, whatever the offset.
bool leaks_encoded(const std::string& text, const std::string& key) {
    const std::string hex = hexadecimal(key);
    if (shown_run(text, hex) >= 16) {
        return true;
    }
    for (std::size_t offset = 0; offset < 3; ++offset) {
        if (shown_run(text, base64_encode(key.substr(offset, 45))) >= 12) {
            return true;
        }
    }
    return false;
}

struct Kind {
    const char* name;
    std::function<std::string(Maker&)> make;
};

}  // namespace

BOOST_AUTO_TEST_CASE(keys_of_48_letters_and_digits_are_masked_in_every_form) {
    const Redactor redactor;
    const std::vector<Form> all = forms();
    BOOST_TEST(all.size() >= 60U);
    Maker maker(1);
    for (const Form& form : all) {
        unsigned missed = 0;
        std::string example;
        for (unsigned number = 0; number < kKeys; ++number) {
            const std::string key = maker.letters(48);
            const std::string text = form.write(key, maker);
            const std::string shown = redactor.scrub(text);
            if (shown_run(shown, key) >= 8 || leaks_encoded(shown, key)) {
                ++missed;
                example = text + " => " + shown;
            }
        }
        BOOST_TEST(missed == 0U, form.name << ": " << missed << ", as " << example);
    }
    BOOST_TEST_MESSAGE(all.size() << " forms, " << kKeys << " keys each");
}

BOOST_AUTO_TEST_CASE(other_kinds_of_keys_are_masked) {
    const Redactor redactor;
    Maker maker(2);
    const std::vector<Kind> kinds{
        {"sk-, short", [](Maker& m) { return "sk-" + m.letters(10 + m.below(11)); }},
        {"sk-, 24", [](Maker& m) { return "sk-" + m.letters(21); }},
        {"sk-, 48", [](Maker& m) { return "sk-" + m.letters(48); }},
        {"32 letters and digits", [](Maker& m) { return m.letters(32); }},
        {"40, base64url",
         [](Maker& m) { return m.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 40); }},
        {"44, base64",
         [](Maker& m) { return m.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 43) + "="; }},
        {"40, small letters and digits", [](Maker& m) { return m.of("abcdefghijklmnopqrstuvwxyz0123456789", 40); }},
        {"48, capitals and digits", [](Maker& m) { return m.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 48); }},
        {"48 small letters", [](Maker& m) { return m.of("abcdefghijklmnopqrstuvwxyz", 48); }},
        {"48 hexadecimal digits", [](Maker& m) { return m.hex(48); }},
        {"hex id.secret", [](Maker& m) { return m.hex(32) + "." + m.letters(16); }},
        {"bcrypt",
         [](Maker& m) {
             return "$2b$12$" + m.of("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 53);
         }},
    };
    for (const Kind& kind : kinds) {
        for (const Form& form :
             {around("say § now"), around("{'a': '§'}"), around("x = §"), around("<b>§</b>"), around("[\"§\", 5]")}) {
            unsigned missed = 0;
            std::string example;
            for (unsigned number = 0; number < kKeys; ++number) {
                const std::string key = kind.make(maker);
                const std::string shown = redactor.scrub(form.write(key, maker));
                if (shown_run(shown, key) >= 8) {
                    ++missed;
                    example = shown;
                }
            }
            // Shorter ones may look like words, by chance: less than one in a hundred, base64 with its marks two.
            BOOST_TEST(missed * 50 <= kKeys, kind.name << " in " << form.name << ": " << missed << ", as " << example);
        }
    }
}

BOOST_AUTO_TEST_CASE(secrets_that_only_their_name_tells_are_masked_to_their_end) {
    const Redactor redactor;
    Maker maker(3);
    const std::string hex = maker.hex(32);
    for (const std::string text :
         {"api_key = §", "\"api_key\": \"§\"", "<api_key>§</api_key>", "api_key: §", "秘钥: §", "金鑰: §",
          "credential: §", "name,api_key\nbob,§\n", "| api_key | n |\n|---|---|\n| § | 1 |", "--api-key §",
          "('api_key', '§')", "X-API-Key: §"}) {
        for (const std::string& value :
             {hex, hex.substr(0, 20), std::string("p4ss:w0rd!x/y"), "id12:" + hex, "a.b." + hex}) {
            const std::string shown = redactor.scrub(boost::algorithm::replace_all_copy(text, "§", value));
            BOOST_TEST(shown_run(shown, value) < 7, text << " with " << value << ": " << shown);
        }
    }
}

BOOST_AUTO_TEST_CASE(harmless_texts_come_back_byte_for_byte) {
    Maker maker(4);
    const auto hex = [&](std::size_t length) { return maker.hex(length); };
    std::string picture = "iVBORw0KGgoAAAANSUhEUgAA" + base64_encode(maker.of("\x01\x80\x90\xFEgh\x12", 3000));
    std::string certificate;
    for (int line = 0; line < 12; ++line) {
        certificate += maker.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 64) + "\n";
    }
    std::vector<std::string> texts{
        "commit " + hex(40),
        "HEAD is now at " + hex(9) + " Mend it",
        hex(40) + "  refs/heads/main",
        "git " + hex(40),
        "sha256: " + hex(64),
        hex(64) + "  sd_xl_base_1.0.safetensors",
        hex(64) + " *v1-5-pruned-emaonly.ckpt",
        "\"sha256\": \"" + hex(64) + "\"",
        "md5=" + hex(32),
        "sha256:" + hex(64),
        "Model hash: " + hex(10),
        "uuid 550e8400-e29b-41d4-a716-446655440000",
        "{\"prompt_id\": \"550e8400-e29b-41d4-a716-446655440000\"}",
        "{\"client_id\": \"" + hex(32) + "\"}",
        "got prompt " + hex(8) + "-" + hex(4) + "-" + hex(4) + "-" + hex(4) + "-" + hex(12),
        "data:image/png;base64," + picture,
        "\"image\": \"" + picture + "\"",
        "-----BEGIN CERTIFICATE-----\n" + certificate + "AbCdEf012+==\n-----END CERTIFICATE-----\n",
        certificate,
        "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/resolve/" + hex(40) +
            "/sd_xl_base_1.0.safetensors",
        "https://github.com/comfyanonymous/ComfyUI/commit/" + hex(40),
        "https://files.pythonhosted.org/packages/1a/2b/" + hex(60) +
            "/numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "https://civitai.com/api/download/models/128713?type=Model&format=SafeTensor&size=pruned&fp=fp16",
        "File \"/opt/ComfyUI/custom_nodes/comfyui-banana-gemini/Gemini_Imagen_Generator.py\", line 1193, in <module>",
        "    return _bootstrap._gcd_import(name[level:], package, level)",
        "requests.exceptions.SSLError: HTTPSConnectionPool(host='xinbaoapi.feng1994.xin', port=443): Max retries "
        "exceeded with "
        "url: /api/usage/token (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] "
        "certificate "
        "verify failed: unable to get local issuer certificate (_ssl.c:1006)')))",
        "<urllib3.connection.HTTPSConnection object at 0x7f3a2b1c9d50>: Failed to establish a new connection: [Errno "
        "111]",
        "ImportError: /usr/lib/python3/dist-packages/torch/lib/libtorch_cpu.so: undefined symbol: "
        "_ZNK3c1010TensorImpl36is_contiguous_nondefault_policy_implENS_12MemoryFormatE",
        "torch 2.3.1+cu121, xformers 0.0.27.post2, Python 3.11.9 (tags/v3.11.9:de54cf5, Apr  2 2024, 10:12:12) [MSC "
        "v.1938 64 bit (AMD64)]",
        "wan2.1_i2v_480p_14B_fp8_e4m3fn.safetensors Qwen2.5-VL-7B-Instruct-Q4_K_M.gguf flux1-dev-Q8_0.gguf "
        "4x_NMKD-Siax_200k.pth",
        "CLIPTextEncodeSDXLRefiner KSamplerAdvanced ImpactWildcardEncode UltimateSDUpscaleNoUpscale VAEDecodeTiled",
        "DWPreprocessor AIO_Preprocessor ControlNetApplyAdvanced IPAdapterUnifiedLoaderFaceID",
        "TLS_AES_256_GCM_SHA384, ECDHE-RSA-AES128-GCM-SHA256, TLSv1.3",
        "cpython-311-x86_64-linux-gnu.so",
        "libopenblas64_p-r0-0cf96a72.3.23.dev.so",
        "ComfyUI_00001_.png mmexport1699999999999.jpg IMG_20231112_164900.jpg",
        "(request id: 2025111216490012345" + maker.of("0123456789", 8) + maker.letters(8) + ")",
        "余额查询失败：令牌无效，请检查密钥是否正确；图片已保存到 输出/角色_立绘_最终版_第三稿.png",
        "心宝❤Banana 节点 🍌 已加载，剩余可用积分：4,585,000",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "SHA256:" + maker.letters(43) + " user (ED25519)",
        "integrity=\"sha512-" + maker.letters(86) + "==\"",
        "Windows fatal exception: access violation",
        "Microsoft Windows [Version 10.0.22631.3447]",
        "CUDA_VISIBLE_DEVICES=0 PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True,max_split_size_mb:512",
        "NVIDIA-SMI 550.54.14 Driver Version: 550.54.14 CUDA Version: 12.4 GPU-5a8c3f0e-1b2d-4c6e-9f70-a1b2c3d4e5f6",
        "0.1234567890123456789 3.14159265358979323846 1e-05",
        "[####################################] 100% 1234567890/1234567890",
        "api_key = YOUR_API_KEY_HERE",
        "the scikit-learn, sk-image, sk-SK, task-management-2024 words",
        "Referer: http://127.0.0.1:8188/",
        "/home is where the heart is",
        "loop 0x00007ff8a1b2c3d4 in ntdll.dll!RtlUserThreadStart",
        "api_key: str = None, token: Optional[str] = None, key=lambda x: x[0]",
        "self.api_key = cls.load_config()",
        "| key | value |\n| --- | --- |\n| max_workers | 8 |\n",
        "index-BsGZDLzo.js GraphView-CqZ3opAX.js userSelectionStore-pSJoZnwa.js",
        "models--stabilityai--sdxl/snapshots/" + hex(40) + "/unet/diffusion_pytorch_model.fp16.safetensors",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ" + maker.letters(120) + " me",
        "W/\"" + hex(32) + "\" is the ETag",
        "etag: \"" + hex(32) + "\"",
        "X-Amz-Cf-Id and cf-ray: " + hex(16) + "-FRA",
        "wheel numpy-1.26.4-cp311-cp311-win_amd64.whl (15.8 MB)"};
    for (const std::string& text : texts) {
        BOOST_TEST(Redactor().scrub(text) == text);
    }
    std::string all;
    for (const std::string& text : texts) {
        all += text + "\n\n";
    }
    std::istringstream in(all);
    std::ostringstream out;
    BOOST_TEST(redact_stream(in, out, Redactor()));
    BOOST_TEST((out.str() == all));
    BOOST_TEST_MESSAGE(texts.size() << " texts, " << all.size() << " octets");
}

BOOST_AUTO_TEST_SUITE_END()

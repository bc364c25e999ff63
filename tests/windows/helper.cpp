// Stands in for other programs of a Windows machine, as python.exe or any other name:
//   helper -s main.py --port PORT --relay-to TO  listens on the port and hands each connection to another port of
//                     loopback, as a ComfyUI would listen; as python.exe in its folder it looks like one
//   helper lock FILE  holds the file so that nobody else may open it
//   helper trust FILE puts a certificate (DER) into the list of trusted roots of this user
// The first two print "ready" and last until they are ended.
#include <winsock2.h>

#include <windows.h>

#include <wincrypt.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace {

void copy(SOCKET from, SOCKET to) {
    std::array<char, 16 * 1024> bytes{};
    for (int count = 0; (count = ::recv(from, bytes.data(), static_cast<int>(bytes.size()), 0)) > 0;) {
        if (::send(to, bytes.data(), count, 0) != count) {
            break;
        }
    }
    ::shutdown(to, SD_SEND);
}

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = ::htons(static_cast<u_short>(port));
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    return address;
}

void serve(SOCKET client, int to) {
    const SOCKET server = ::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const sockaddr_in address = loopback(to);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
        std::thread back(copy, server, client);
        copy(client, server);
        back.join();
    }
    ::closesocket(server);
    ::closesocket(client);
}

int relay(int port, int to) {
    WSADATA data{};
    ::WSAStartup(MAKEWORD(2, 2), &data);
    const SOCKET listener = ::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const sockaddr_in address = loopback(port);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(listener, SOMAXCONN) != 0) {
        return 1;
    }
    // wine shows a listener's process only once an option was set on its socket.
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, reinterpret_cast<const char*>(&on), sizeof(on));
    std::puts("ready");
    std::fflush(stdout);
    for (;;) {
        const SOCKET client = ::accept(listener, nullptr, nullptr);
        if (client == INVALID_SOCKET) {
            return 1;
        }
        std::thread(serve, client, to).detach();
    }
}

int lock(const wchar_t* path) {
    if (::CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING, 0, nullptr) ==
        INVALID_HANDLE_VALUE) {
        return 1;
    }
    std::puts("ready");
    std::fflush(stdout);
    ::Sleep(INFINITE);
    return 0;
}

int trust(const wchar_t* path) {
    FILE* file = ::_wfopen(path, L"rb");
    if (file == nullptr) {
        return 1;
    }
    std::vector<unsigned char> bytes(64 * 1024);
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
    std::fclose(file);
    const HCERTSTORE store = ::CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, L"ROOT");
    const BOOL added =
        ::CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, bytes.data(), static_cast<DWORD>(bytes.size()),
                                           CERT_STORE_ADD_REPLACE_EXISTING, nullptr);
    ::CertCloseStore(store, 0);
    return added != 0 ? 0 : 1;
}

}  // namespace

int wmain(int count, wchar_t** words) {
    int port = 0;
    int to = 0;
    for (int index = 1; index + 1 < count; ++index) {
        if (std::wcscmp(words[index], L"--port") == 0) {
            port = static_cast<int>(std::wcstol(words[index + 1], nullptr, 10));
        } else if (std::wcscmp(words[index], L"--relay-to") == 0) {
            to = static_cast<int>(std::wcstol(words[index + 1], nullptr, 10));
        }
    }
    if (port != 0 && to != 0) {
        return relay(port, to);
    }
    if (count == 3 && std::wcscmp(words[1], L"lock") == 0) {
        return lock(words[2]);
    }
    if (count == 3 && std::wcscmp(words[1], L"trust") == 0) {
        return trust(words[2]);
    }
    return 2;
}

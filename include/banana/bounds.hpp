// Every bound on what comes from outside: what others send, what files and folders hold, what is shown of them.
// Grouped by what is read. Sizes are in bytes where nothing else is said; what lies beyond a
// bound is left out, or the whole is refused as too large.
#pragma once

#include <chrono>
#include <cstddef>

namespace banana::bounds {

// ---- HTTP: answers of the upstream, of ComfyUI, and of whatever else answers there ----
inline constexpr std::size_t kHttpHeaderBytes = 64 * 1024;         // all headers of one answer
inline constexpr std::size_t kHttpBodyBytes = 1024 * 1024;         // a body, also after decompression
inline constexpr std::size_t kIdleConnections = 8;                 // kept open between two exchanges
inline constexpr int kHttpRedirects = 30;                          // as Python's requests, whose end the plugin reports
inline constexpr int kHttpInterimAnswers = 20;                     // 1xx answers before the real one
inline constexpr std::size_t kHttpCookieBytes = 4 * 1024;          // cookies sent on along a redirect
inline constexpr std::size_t kHttpUrlTextBytes = 500;              // a URL or Location as an exchange records it
inline constexpr std::size_t kHttpStatusLineTextBytes = 120;       // "HTTP 502 reason", or the Server header
inline constexpr std::size_t kHttpBodyTextBytes = 200;             // the start of a body that is no JSON
inline constexpr std::size_t kNetworkErrorTextBytes = 300;         // a library's or proxy's own words for a failure
inline constexpr std::size_t kAnswerFailureTextBytes = 200;        // the same, where a line has other things to say too
inline constexpr std::size_t kUrlSecretsBytes = 4 * 1024;          // of a URL, searched for passwords in it
inline constexpr std::size_t kGatewayPageBytes = 64 * 1024;        // of a page; the marks stand at its head
inline constexpr std::size_t kGatewayTitleTextBytes = 120;         // of an HTML title
inline constexpr std::size_t kListenerHeadBytes = 64 * 1024;       // a request that reaches the listener of --deep
inline constexpr std::chrono::seconds kListenerConnectionTime{5};  // for that request to arrive
inline constexpr int kListenerConnections = 16;  // an experiment brings one; the rest is somebody else's
inline constexpr std::size_t kWorldRequestHeadBytes = 64 * 1024;  // a request that reaches the embedded world
inline constexpr std::chrono::minutes kWorldConnectionTime{5};    // of its servers, longer than any run

// ---- Proxies ----
inline constexpr std::size_t kProxyAnswerBytes = 16 * 1024;  // headers of a proxy's answer to CONNECT

// ---- Certificates ----
inline constexpr int kChainCertificates = 10;
inline constexpr int kCertificateNames = 50;                    // entries of subjectAltName
inline constexpr std::size_t kCertificateNameTextBytes = 300;   // subject, issuer, or one alternative name
inline constexpr std::size_t kCertificateNamesTextBytes = 300;  // the names of a certificate in one line

// ---- JSON ----
inline constexpr std::size_t kUpstreamJsonDepth = 64;
inline constexpr std::size_t kRouteJsonDepth = 256;  // the plugin's answers, which wrap the upstream's
inline constexpr std::size_t kUpstreamMessageTextBytes = 300;
inline constexpr std::size_t kUpstreamIdTextBytes = 64;        // a request id, or a text in place of a number
inline constexpr std::size_t kAnswerMemberNames = 12;          // of an answer of unknown shape, listed
inline constexpr std::size_t kAnswerMemberNameTextBytes = 40;  // one of them
inline constexpr std::size_t kRouteMessageTextBytes = 500;     // the plugin's messages hold whole exceptions
inline constexpr std::size_t kRouteSummaryLines = 8;
inline constexpr std::size_t kRouteSummaryLineTextBytes = 200;
inline constexpr std::size_t kComfyuiListEntries = 20'000;  // of any list that ComfyUI sends
inline constexpr std::size_t kComfyuiPathBytes = 1'000;     // a path or argument in such a list
inline constexpr std::size_t kComfyuiFactTextBytes = 300;   // a version, the system's name

// ---- Files ----
inline constexpr std::size_t kSmallFileBytes = 1024 * 1024;  // config.ini, a Python source, any other text file
inline constexpr std::size_t kNetrcBytes = 1024 * 1024;
inline constexpr std::size_t kSystemSettingCharacters = 16 * 1024;  // a value of the Windows registry
inline constexpr std::size_t kKeyFileBytes = 64 * 1024;             // --api-key-file
inline constexpr std::size_t kComfyuiHeaders = 32;                  // lines of --comfyui-header-file
inline constexpr std::size_t kKeyBytes = 1024;                      // a key; far above any service's
inline constexpr std::size_t kGitPointerBytes = 4 * 1024;           // a .git that is a file
inline constexpr std::size_t kGitIndexBytes = 32 * 1024 * 1024;     // read in search of config.ini's name
inline constexpr std::size_t kRedactPieceBytes = 4 * 1024 * 1024;   // `redact`: held at once; a longer line is cut

// ---- config.ini ----
inline constexpr int kInterpolationDepth = 10;                      // configparser.MAX_INTERPOLATION_DEPTH
inline constexpr std::size_t kInterpolatedBytes = 4 * 1024 * 1024;  // values that refer to values multiply
inline constexpr std::size_t kInterpolationReferences = 100'000;    // looked up while values are expanded
inline constexpr std::size_t kConfigRepairs = 50;  // a file with more mistakes is not worth putting right by machine
inline constexpr std::size_t kLearnedValues = 50;  // values that could be secrets, to be masked in all outputs
inline constexpr std::size_t kLearnedValueBytes = 16 * 1024;
inline constexpr std::size_t kConfigShownLines = 60;
inline constexpr std::size_t kConfigShownLineBytes = 300;
inline constexpr std::size_t kConfigScrubbedLineBytes = 2'000;  // of a line of which part is shown
inline constexpr std::size_t kConfigLineTextBytes = 200;        // a line or option name in a finding
inline constexpr std::size_t kConfigNameTextBytes = 80;         // a file's or section's name in a finding
inline constexpr std::size_t kConfigValueTextBytes = 500;       // an option's value among the facts

// ---- Folders: entries looked at, in the order in which the system lists them ----
inline constexpr std::size_t kCustomNodesEntries = 20'000;
inline constexpr std::size_t kPluginFolderEntries = 2'000;
inline constexpr std::size_t kNestedPluginEntries = 16;      // an archive's folder holds one
inline constexpr std::size_t kOtherNodeEntries = 256;        // of a folder that may be a renamed plugin
inline constexpr std::size_t kConfigNeighbourEntries = 500;  // beside config.ini, for a misnamed one
inline constexpr std::size_t kLogFolderEntries = 5'000;
inline constexpr std::size_t kUsualPlaceEntries = 2'000;       // of a folder searched for a ComfyUI by name
inline constexpr std::size_t kPythonFolderEntries = 2'000;     // beside an interpreter, in search of its version
inline constexpr std::size_t kSitePackagesEntries = 20'000;    // a Python's packages, in search of some by name
inline constexpr std::size_t kGivenFolderEntries = 200;        // of --comfyui-dir, where ComfyUI lies one level deeper
inline constexpr std::size_t kDriveEntries = 32;               // Windows drives below /mnt
inline constexpr std::size_t kDriveFolders = 20'000;           // opened in a search of whole drives
inline constexpr std::chrono::milliseconds kDriveTime{1'500};  // for that search, which comes last and may miss one
inline constexpr int kParentFolders = 64;                      // climbed in search of ComfyUI
inline constexpr std::size_t kClosedFoldersListed = 10;        // folders that may not be opened
inline constexpr std::size_t kPluginCopiesListed = 10;         // copies of the plugin, or files
inline constexpr std::size_t kFileNameBytes = 255;             // NAME_MAX; a folder's name in the report
inline constexpr std::size_t kNameListTextBytes = 500;         // several names in one line

// ---- Scripts and plugin source ----
inline constexpr std::size_t kPluginSourceFiles = 64;                 // read for landmarks
inline constexpr std::size_t kRenamedPluginBytes = 64 * 1024 * 1024;  // read of all folders in search of one
inline constexpr std::size_t kRenamedPluginFileBytes = 512 * 1024;    // of one file
inline constexpr std::size_t kRenamedPluginFiles = 16;                // of one folder
inline constexpr int kPythonStatementLines = 400;                     // physical lines
inline constexpr std::size_t kPythonStatementBytes = 16 * 1024;       // kept of one statement
inline constexpr std::size_t kPythonModuleNameBytes = 100;
inline constexpr std::size_t kRequestParameterBytes = 64;  // a parameter's name, in source and script
inline constexpr std::size_t kSourceAddresses = 64;
inline constexpr std::size_t kNodeClassBytes = 60;
inline constexpr std::size_t kScriptClasses = 4;
inline constexpr std::size_t kSearchedSources =
    2'000;  // of other custom nodes, in search of one that takes ComfyUI's routes over
inline constexpr std::size_t kButtonsShown = 6;
inline constexpr std::size_t kButtonLabelBytes = 60;
inline constexpr std::size_t kButtonLabelEscapedBytes = 200;  // as written, with escapes
inline constexpr std::size_t kSourceUrlBytes = 200;           // the base URL in the source
inline constexpr std::size_t kVersionTextBytes = 40;
inline constexpr std::size_t kLandmarkTextBytes = 200;   // a line of source that a finding points to
inline constexpr std::size_t kScriptBytes = 512 * 1024;  // of the web extension's script
inline constexpr std::size_t kScriptsSearched = 8;       // of the plugin's own, for one that asks for a balance
inline constexpr std::size_t kScriptParameters = 64;
inline constexpr int kScriptTemplateDepth = 32;          // `${` within `${`
inline constexpr std::size_t kScriptNearbyTokens = 500;  // for one parameter list: keeps hostile scripts linear
inline constexpr std::size_t kScriptPathTextBytes = 200;
inline constexpr std::size_t kExtensionPathBytes = 1'000;  // of a listed script
inline constexpr std::size_t kLineNameTextBytes = 100;     // a V3 line of service
inline constexpr std::size_t kLinesOffered = 40;           // in the node's box

// ---- Files that start ComfyUI ----
inline constexpr std::size_t kStartFolderEntries = 1'000;
inline constexpr std::size_t kStartScriptBytes = 64 * 1024;  // a longer one is not read

// ---- Logs ----
inline constexpr std::size_t kLogWholeBytes = 2 * 1024 * 1024;      // of a log that is read whole
inline constexpr std::size_t kLogTailBytes = 512 * 1024;            // of a longer one's end
inline constexpr std::size_t kLogSearchedBytes = 16 * 1024 * 1024;  // searched backwards for the last start
inline constexpr std::size_t kLogBlockBytes = 128 * 1024;           // of that at once
inline constexpr std::size_t kLogLeadBytes = 128 * 1024;            // from a start's first line to its last mark
inline constexpr std::size_t kLogStartBytes = 1024 * 1024;          // of the start, lead included
inline constexpr std::size_t kLogLineBytes = 16 * 1024;             // of a line that are looked at
inline constexpr std::size_t kLogShownLineBytes = 400;
inline constexpr std::size_t kLogNotes = 40;       // remarkable lines kept
inline constexpr std::size_t kLogStampBytes = 40;  // a time or level in brackets
inline constexpr std::size_t kLogExceptionNameBytes = 120;
inline constexpr std::size_t kLogModuleTextBytes = 100;
inline constexpr std::size_t kLogPythonPathBytes = 500;  // "** Python executable: …"
inline constexpr std::size_t kLogLinesTold = 20;         // numbers of the lines that hold a key
inline constexpr std::size_t kPackageNameBytes = 64;     // a module's name that goes into a pip command

// ---- Processes ----
inline constexpr std::size_t kProcessStringsBytes = 1024 * 1024;  // a command line or environment in /proc
inline constexpr std::size_t kCommandLineTextBytes = 500;
inline constexpr std::size_t kFurtherServers = 8;  // addresses of further ComfyUI processes

// ---- Reports that are read back (`render`) ----
inline constexpr std::size_t kReportBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kReportJsonDepth = 32;
inline constexpr std::size_t kReportChecks = 100;
inline constexpr std::size_t kReportItems = 1'000;   // findings of a check, evidence of a finding
inline constexpr double kReportMilliseconds = 1e12;  // any time; some 30 years

// ---- Shown text ----
inline constexpr std::size_t kShownTextBytes = 2'000;    // any value for which nothing else is said
inline constexpr std::size_t kShownLineBytes = 2'000;    // one value where a report is written
inline constexpr std::size_t kShownBlockBytes = 64'000;  // one block of lines there
inline constexpr std::size_t kCrashTextBytes = 300;      // what a check threw
inline constexpr std::size_t kShownBaseUrlBytes = 300;
inline constexpr std::size_t kEscapeSequenceBytes = 256;  // of a terminal; an unterminated one is looked at no further
inline constexpr std::size_t kUrlSearchedBytes = 2'000;   // behind "://" in any text, for a password
inline constexpr std::size_t kMailNameBytes = 64;         // before the "@" of an address; RFC 5321, 4.5.3.1.1

}  // namespace banana::bounds

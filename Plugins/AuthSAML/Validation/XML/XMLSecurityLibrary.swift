import CXMLSec

/// libxml2, libxslt and libxmlsec1, made safe once for the whole process.
enum XMLSecurityLibrary {
    /// Whether the libraries are ready, and are those that this was built for.
    static let isReady: Bool = initialize()

    private static func initialize() -> Bool {
        xmlInitParser()
        // Errors come back as results; the libraries would print them to standard error besides.
        xmlThrDefSetStructuredErrorFunc(nil, ignoreError)
        xmlSetStructuredErrorFunc(nil, ignoreError)
        guard forbidStylesheets(),
            xmlSecCheckVersionExt(
                XMLSEC_VERSION_MAJOR, XMLSEC_VERSION_MINOR, XMLSEC_VERSION_SUBMINOR, xmlSecCheckVersionABICompatible)
                == 1
        else { return false }
        xmlSecErrorsSetCallback(ignoreSecurityError)
        // A second copy of this plugin, as after a reload, finds the library as the first one has left it.
        if xmlSecPtrListGetSize(xmlSecTransformIdsGet()) == 0 {
            guard xmlSecInit() == 0, xmlSecOpenSSLAppInit(nil) == 0, xmlSecOpenSSLInit() == 0 else { return false }
        }
        // Again, as the initialization has put the library's own in its place.
        xmlSecErrorsSetCallback(ignoreSecurityError)
        // Without input functions no transform and no key can be fetched from anywhere, files included.
        xmlSecIOCleanupCallbacks()
        return true
    }

    /// Transforms may be style sheets. None is ever enabled; if one ran after all, it could reach nothing.
    private static func forbidStylesheets() -> Bool {
        guard let preferences = xsltNewSecurityPrefs() else { return false }
        let options = [
            XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY, XSLT_SECPREF_READ_NETWORK,
            XSLT_SECPREF_WRITE_NETWORK,
        ]
        for option in options where xsltSetSecurityPrefs(preferences, option, xsltSecurityForbid) != 0 {
            return false
        }
        xsltSetDefaultSecurityPrefs(preferences)
        return true
    }

    /// To be called on a thread before it uses libxml2: there the setting belongs to the thread.
    static func silence() { xmlSetStructuredErrorFunc(nil, ignoreError) }
}

private let ignoreError: xmlStructuredErrorFunc = { _, _ in }

private let ignoreSecurityError: xmlSecErrorsCallback = { _, _, _, _, _, _, _ in }

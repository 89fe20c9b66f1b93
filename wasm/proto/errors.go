package proto

// Code says what went wrong, for programs. Codes are stable.
type Code string

// The codes, with the keys of their details.
const (
	CodeEmptyFile          Code = "empty-file"          // name
	CodeNotAnImage         Code = "not-an-image"        // bytes; if known, why: pointer, web-page or text
	CodeUnsupportedFormat  Code = "unsupported-format"  // format
	CodeTruncatedImage     Code = "truncated-image"     // format
	CodeBrokenImage        Code = "broken-image"        // format, reason
	CodeTooManyPixels      Code = "too-many-pixels"     // format, width, height, limit (megapixels)
	CodeTooManyBytes       Code = "too-many-bytes"      // size, limit (MB)
	CodeFolder             Code = "folder"              // name
	CodeOffline            Code = "offline"             // file, reason
	CodeHTTP               Code = "http"                // status, file
	CodeCorruptDownload    Code = "corrupt-download"    // file
	CodeBadModel           Code = "bad-model"           // reason; why: no-number, if its output is none
	CodeBadModelFile       Code = "bad-model-file"      // reason, why (a modelfile.Why) and its values
	CodeNotKept            Code = "not-kept"            // name
	CodeNoModel            Code = "no-model"            // name; in the API also folder and names
	CodeCrossOrigin        Code = "cross-origin"        // file
	CodeCancelled          Code = "cancelled"           // none
	CodeClosed             Code = "closed"              // none
	CodeEngineCrashed      Code = "engine-crashed"      // reason
	CodeNoAnswer           Code = "no-answer"           // reason
	CodeUnsupportedBrowser Code = "unsupported-browser" // missing
	CodeBadArgument        Code = "bad-argument"        // reason
	CodeStorageFull        Code = "storage-full"        // none
	CodeReadOnly           Code = "read-only"           // none
	CodeBadProject         Code = "bad-project"         // reason; why and its values
	CodeBadArchive         Code = "bad-archive"         // reason; why and its values
	CodeCannotTeach        Code = "cannot-teach"        // reason; class if it is about one; why (transfer.Why), values
	CodeBadWeights         Code = "bad-weights"         // reason; why (transfer.Why) and its values
	// CodeCannotShare: why, the host's code; reason; class, an index, or seconds to wait, if there is one
	CodeCannotShare Code = "cannot-share"
	CodeNoShare     Code = "no-share" // id
	// CodeCannotTrain is of the Skip lab: reason; why, if the page has words for it
	CodeCannotTrain   Code = "cannot-train"
	CodeTooMuchMemory Code = "too-much-memory" // needed, limit (MB)
)

// Codes lists all codes.
var Codes = []Code{
	CodeEmptyFile, CodeNotAnImage, CodeUnsupportedFormat, CodeTruncatedImage, CodeBrokenImage, CodeTooManyPixels,
	CodeTooManyBytes, CodeFolder, CodeOffline, CodeHTTP, CodeCorruptDownload, CodeBadModel, CodeBadModelFile,
	CodeNotKept, CodeNoModel, CodeCrossOrigin,
	CodeCancelled, CodeClosed, CodeEngineCrashed, CodeNoAnswer, CodeUnsupportedBrowser, CodeBadArgument,
	CodeStorageFull, CodeReadOnly, CodeBadProject, CodeBadArchive, CodeCannotTeach, CodeBadWeights,
	CodeCannotShare, CodeNoShare, CodeCannotTrain, CodeTooMuchMemory,
}

// Error is an error of the API. Message is an English sentence that says what is wrong and what to do; Details are the
// values in it, for a sentence in another language.
type Error struct {
	Code    Code              `json:"code"`
	Message string            `json:"message"`
	Details map[string]string `json:"details"`
}

func (e *Error) Error() string { return e.Message }

package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// api answers requests under /api:
//
//	GET  /api/health    says that the host has an API, and the limits of sharing
//	POST /api/share     stores a taught head
//	GET  /api/share/ID  returns it
//
// Every refusal is JSON with a reason; see refusal.
type api struct{ shares Shares }

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	var handle func(http.ResponseWriter, *http.Request) *refusal
	var allowed []string
	switch rest, _ := strings.CutPrefix(r.URL.Path, "/api/"); {
	case rest == "health":
		handle, allowed = health, []string{http.MethodGet, http.MethodHead}
	case rest == "share":
		handle, allowed = a.shares.post, []string{http.MethodPost}
	case isShareID(strings.TrimPrefix(rest, "share/")):
		handle, allowed = a.shares.get, []string{http.MethodGet, http.MethodHead}
	default:
		refuse(http.StatusNotFound, "not-found", "There is nothing at this address.").answer(w)
		return
	}
	for _, method := range allowed {
		if r.Method == method {
			if no := handle(w, r); no != nil {
				no.answer(w)
			}
			return
		}
	}
	list := strings.Join(allowed, ", ")
	w.Header().Set("Allow", list)
	refuse(http.StatusMethodNotAllowed, "method", "Only %s is allowed here.", list).answer(w)
}

// health says what this host offers. Without it, a page offers no sharing.
func health(w http.ResponseWriter, _ *http.Request) *refusal {
	answerJSON(w, http.StatusOK, map[string]any{
		"status": "ok",
		"share":  map[string]any{"maxBytes": maxUpload, "days": int(ShareLife / day), "maxLabel": maxLabel},
	})
	return nil
}

// A refusal is an answer that says why the request failed. Its body is
//
//	{"error": {"code": "too-large", "message": "A share has at most 4194304 bytes."}}
//
// The code is for programs, and stays the same.
type refusal struct {
	status        int
	code, message string
}

func refuse(status int, code, format string, values ...any) *refusal {
	return &refusal{status, code, fmt.Sprintf(format, values...)}
}

// internal is all that a client learns about a fault in this program.
var internal = refuse(http.StatusInternalServerError, "internal",
	"Something went wrong on this host. Please try again later.")

func (no *refusal) answer(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	answerJSON(w, no.status, map[string]any{"error": map[string]string{"code": no.code, "message": no.message}})
}

// answerJSON writes v as JSON. It sets the length, so that the answer to HEAD has it too.
func answerJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	text = append(text, '\n')
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	w.Write(text) // an error means that the client is gone
}

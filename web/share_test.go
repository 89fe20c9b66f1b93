package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// memory is a Store in memory. It returns fails, if that is set, and panics if faulty is.
type memory struct {
	data   map[string][]byte
	until  time.Time
	fails  error
	faulty bool
}

func (m *memory) Get(_ context.Context, id string) ([]byte, error) {
	if m.faulty {
		panic("the store is broken")
	}
	if data, ok := m.data[id]; ok || m.fails != nil {
		return data, m.fails
	}
	return nil, ErrNoShare
}

func (m *memory) Put(_ context.Context, id string, data []byte, until time.Time) (bool, error) {
	if m.fails != nil {
		return false, m.fails
	}
	_, known := m.data[id]
	m.data[id], m.until = data, until
	return !known, nil
}

// sharing is a handler without files, and its store. It admits all uploads; left counts those that are over.
func sharing() (h http.Handler, m *memory, left *int) {
	m, left = &memory{data: map[string][]byte{}}, new(int)
	return Handler(nil, Shares{Store: m, Admit: func(*http.Request) (func(), bool) {
		return func() { *left++ }, true
	}}), m, left
}

// ask calls a handler without a network. header is "Name: value", or "".
func ask(h http.Handler, method, path, header string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, body)
	if name, value, ok := strings.Cut(header, ": "); ok {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const asBytes = "Content-Type: application/octet-stream"

func TestShare(t *testing.T) {
	h, m, left := sharing()
	file := soundUpload(t, "cat", "小鸟").file(t)
	canonical := encoded(t, file)
	id := shareID(canonical)
	for i, status := range []int{201, 200} {
		before := time.Now()
		w := ask(h, "POST", "/api/share", asBytes, bytes.NewReader(file))
		var got receipt
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != status {
			t.Fatalf("got %d %s, %v", w.Code, w.Body, err)
		}
		if got.ID != id || got.Path != "/api/share/"+id || w.Header().Get("Location") != got.Path ||
			got.Bytes != len(canonical) || got.Model != "resnet50" ||
			strings.Join(got.Classes, " ") != "cat 小鸟" {
			t.Errorf("the receipt is %+v", got)
		}
		// A day has 24 hours in UTC. The minute is for a slow machine.
		if end := before.Add(ShareLife); got.Expires.Before(end) || got.Expires.After(end.Add(day+time.Minute)) ||
			got.Expires.Hour() != 0 || !got.Expires.Equal(m.until) {
			t.Errorf("it ends at %v, the store was told %v", got.Expires, m.until)
		}
		if *left != i+1 || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%d uploads are over; %v", *left, w.Header())
		}
		testSafety(t, w.Header())
	}

	for _, c := range []struct {
		method, header string
		status         int
		length         string
		body           []byte
	}{
		{"GET", "", 200, "", canonical},
		{"HEAD", "", 200, "", nil},
		{"GET", `If-None-Match: "` + id + `"`, 304, "", nil},
		{"GET", `If-None-Match: "x"`, 200, "", canonical},
		{"GET", "Range: bytes=8-9", 206, "", canonical[8:10]},
	} {
		w := ask(h, c.method, "/api/share/"+id, c.header, nil)
		if w.Code != c.status || !bytes.Equal(w.Body.Bytes(), c.body) {
			t.Errorf("%s %s: got %d and %d bytes", c.method, c.header, w.Code, w.Body.Len())
		}
		want := map[string]string{"ETag": `"` + id + `"`, "Cache-Control": "public, max-age=7776000, immutable"}
		if c.status != 304 {
			want["Content-Type"], want["Content-Disposition"] = "application/octet-stream",
				`attachment; filename="residua-`+id[:8]+`.safetensors"`
		}
		for name, value := range want {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s %s: %s is %q, want %q", c.method, c.header, name, got, value)
			}
		}
		testSafety(t, w.Header())
	}
}

// refusalOf parses the JSON of a refusal.
func refusalOf(t *testing.T, w *httptest.ResponseRecorder) (code, message string) {
	t.Helper()
	var body struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Error.Code == "" || body.Error.Message == "" {
		t.Errorf("%d with the body %q, %v", w.Code, w.Body, err)
	}
	header := w.Header()
	if header.Get("Content-Type") != "application/json" || header.Get("Cache-Control") != "no-store" ||
		header.Get("ETag")+header.Get("Content-Disposition") != "" {
		t.Errorf("%d with the headers %v", w.Code, header)
	}
	testSafety(t, header)
	return body.Error.Code, body.Error.Message
}

func TestAPIRefuses(t *testing.T) {
	h, m, _ := sharing()
	file := soundUpload(t, "cat", "dog").file(t)
	none := "/api/share/" + strings.Repeat("0", 32)
	for _, c := range []struct {
		name, method, path, header string
		body                       io.Reader
		status                     int
		code                       string
	}{
		{"too large", "POST", "/api/share", asBytes, bytes.NewReader(make([]byte, maxUpload+1)), 413, "too-large"},
		{"too large, of unknown length", "POST", "/api/share", asBytes,
			io.MultiReader(bytes.NewReader(make([]byte, maxUpload+1))), 413, "too-large"},
		{"no type", "POST", "/api/share", "", bytes.NewReader(file), 415, "wrong-type"},
		{"a form", "POST", "/api/share", "Content-Type: multipart/form-data; boundary=x", bytes.NewReader(file), 415,
			"wrong-type"},
		{"a picture", "POST", "/api/share", "Content-Type: image/jpeg", bytes.NewReader(file), 415, "wrong-type"},
		{"a type that is none", "POST", "/api/share", "Content-Type: ;;;", bytes.NewReader(file), 415, "wrong-type"},
		{"nothing", "POST", "/api/share", asBytes, nil, 422, "not-safetensors"},
		{"the largest that is read", "POST", "/api/share", asBytes, bytes.NewReader(make([]byte, maxUpload)), 422,
			"not-safetensors"},
		{"cut off", "POST", "/api/share", asBytes, io.MultiReader(bytes.NewReader(file[:99]),
			iotest.ErrReader(io.ErrUnexpectedEOF)), 422, "incomplete"},
		{"no such share", "GET", none, "", nil, 404, "not-found"},
		{"no such share, HEAD", "HEAD", none, "", nil, 404, "not-found"},
		{"large letters", "GET", "/api/share/" + strings.Repeat("A", 32), "", nil, 404, "not-found"},
		{"a short name", "GET", "/api/share/0", "", nil, 404, "not-found"},
		{"a long name", "GET", none + "0", "", nil, 404, "not-found"},
		{"a name that goes on", "GET", none + "/0", "", nil, 404, "not-found"},
		{"a way out", "GET", "/api/share/..%2f..%2fsecret", "", nil, 404, "not-found"},
		{"no name", "GET", "/api/share/", "", nil, 404, "not-found"},
		{"nothing there", "GET", "/api/nothing", "", nil, 404, "not-found"},
		{"the folder", "GET", "/api/", "", nil, 404, "not-found"},
		{"the folder without its end", "GET", "/api", "", nil, 404, "not-found"},
		{"a share is not written", "PUT", none, asBytes, bytes.NewReader(file), 405, "method"},
		{"nor deleted", "DELETE", none, "", nil, 405, "method"},
		{"shares are not listed", "GET", "/api/share", "", nil, 405, "method"},
		{"no other site asks first", "OPTIONS", "/api/share", "Access-Control-Request-Method: POST", nil, 405,
			"method"},
		{"health is not written", "POST", "/api/health", "", nil, 405, "method"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(h, c.method, c.path, c.header, c.body)
			code, message := refusalOf(t, w)
			if w.Code != c.status || code != c.code {
				t.Errorf("got %d %s %q", w.Code, code, message)
			}
			if (w.Code == 405) != (w.Header().Get("Allow") != "") {
				t.Errorf("it allows %q", w.Header().Get("Allow"))
			}
		})
	}
	if len(m.data) > 0 {
		t.Error("something was kept")
	}
}

func TestTooManyUploads(t *testing.T) {
	h := Handler(nil, Shares{Store: &memory{data: map[string][]byte{}},
		Admit: func(*http.Request) (func(), bool) { return nil, false }})
	w := ask(h, "POST", "/api/share", asBytes, bytes.NewReader(soundUpload(t, "cat", "dog").file(t)))
	if code, _ := refusalOf(t, w); w.Code != 429 || code != "too-many" || w.Header().Get("Retry-After") != "60" {
		t.Errorf("got %d %s, %v", w.Code, code, w.Header())
	}
}

// Faults of the program are logged, and the client learns nothing about them.
func TestInternal(t *testing.T) {
	var logged strings.Builder
	log.SetOutput(&logged)
	defer log.SetOutput(os.Stderr)
	file := soundUpload(t, "cat", "dog").file(t)
	id := shareID(encoded(t, file))
	broken := map[string]*memory{
		"fails":       {data: map[string][]byte{}, fails: errors.New("the disk is full")},
		"panics":      {data: map[string][]byte{}, faulty: true},
		"other bytes": {data: map[string][]byte{id: []byte("something else")}},
	}
	for name, m := range broken {
		h := Handler(nil, Shares{Store: m, Admit: func(*http.Request) (func(), bool) { return func() {}, true }})
		answers := []*httptest.ResponseRecorder{ask(h, "GET", "/api/share/"+id, "", nil)}
		if m.fails != nil {
			answers = append(answers, ask(h, "POST", "/api/share", asBytes, bytes.NewReader(file)))
		}
		for _, w := range answers {
			if code, message := refusalOf(t, w); w.Code != 500 || code != "internal" ||
				strings.Contains(message, "disk") {
				t.Errorf("%s: got %d %s %q", name, w.Code, code, message)
			}
		}
	}
	for _, want := range []string{"the disk is full", "the store is broken", "other bytes"} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("%q is not in the log:\n%s", want, &logged)
		}
	}
}

func TestHealth(t *testing.T) {
	h, _, _ := sharing()
	w := ask(h, "GET", "/api/health", "", nil)
	const want = `{"share":{"days":90,"maxBytes":4194304,"maxLabel":64},"status":"ok"}` + "\n"
	if w.Code != 200 || w.Body.String() != want || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// A host that serves files itself passes on requests that are not for files.
func TestNoFiles(t *testing.T) {
	h, _, _ := sharing()
	if w := ask(h, "GET", "/static/missing.js", "", nil); w.Code != 404 || w.Body.String() != noSuchFile {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
}

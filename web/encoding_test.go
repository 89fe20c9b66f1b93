package web

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestAcceptedCodings(t *testing.T) {
	for accept, want := range map[string]string{
		"":                                "",
		"br":                              "br",
		"gzip":                            "gzip",
		"gzip, deflate, br, zstd":         "br gzip",
		"gzip;q=1.0, br;q=0.5":            "gzip br",
		"GZIP":                            "gzip",
		"br;q=0, gzip":                    "gzip",
		"br ; q=0.5 ,gzip; Q=0.4":         "br gzip",
		"*":                               "br gzip",
		"*;q=0.1, br;q=0":                 "gzip",
		"identity":                        "",
		"identity, br;q=0.5":              "",
		"identity;q=0.5, br;q=0.6, *;q=0": "br",
		"br;q=2":                          "",
		"br;q=NaN":                        "",
		"br;q=-1":                         "",
		"br;level=1":                      "",
		"br;q":                            "",
		"x-br, deflate":                   "",
		",,;,=":                           "",
	} {
		var got []string
		for _, i := range acceptedCodings(accept) {
			got = append(got, codings[i].name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q gives %q, want %q", accept, got, want)
		}
	}
}

// encodedSite is a site whose app.js has both codings and whose style.css has one. The content does not matter: the
// server looks only at names.
func encodedSite() fstest.MapFS {
	files := site()
	js, css := hash("export {}"), hash("body {}")
	files[".encoded/"+js+".br"] = &fstest.MapFile{Data: []byte("js by Brotli")}
	files[".encoded/"+js+".gz"] = &fstest.MapFile{Data: []byte("js by gzip")}
	files[".encoded/"+css+".gz"] = &fstest.MapFile{Data: []byte("css by gzip")}
	return files
}

func TestEncodings(t *testing.T) {
	h := Handler(encodedSite(), Shares{})
	plain := `"` + hash("export {}")[:32] + `"`
	brotli, gzip := strings.TrimSuffix(plain, `"`)+`-br"`, strings.TrimSuffix(plain, `"`)+`-gzip"`
	for _, c := range []struct {
		path, accept, header string
		status               int
		coding, etag, body   string
	}{
		{"/static/app.js", "", "", 200, "", plain, "export {}"},
		{"/static/app.js", "gzip, br", "", 200, "br", brotli, "js by Brotli"},
		{"/static/app.js", "gzip", "", 200, "gzip", gzip, "js by gzip"},
		{"/static/app.js", "deflate", "", 200, "", plain, "export {}"},
		{"/static/app.js", "gzip, br", "If-None-Match: " + brotli, 304, "", brotli, ""},
		{"/static/app.js", "gzip, br", "If-None-Match: " + plain, 200, "br", brotli, "js by Brotli"},
		{"/static/app.js", "gzip, br", "Range: bytes=0-5", 206, "", plain, "export"},
		// A browser that has half of one coding must not get the rest of another one.
		{"/static/app.js", "gzip, br", "Range: bytes=0-5; If-Range: " + brotli, 200, "", plain, "export {}"},
		{"/static/style.css", "gzip, br", "", 200, "gzip", "", "css by gzip"},
		{"/static/test.mjs", "gzip, br", "", 200, "br", brotli, "js by Brotli"}, // the same content as app.js
		{"/static/icon.svg", "gzip, br", "", 200, "", "", "<svg/>"},
		{"/.encoded/" + hash("export {}") + ".br", "br", "", 404, "", "", noSuchFile},
	} {
		r := httptest.NewRequest("GET", c.path, nil)
		r.Header.Set("Accept-Encoding", c.accept)
		for header := range strings.SplitSeq(c.header, "; ") {
			if name, value, ok := strings.Cut(header, ": "); ok {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		got := w.Header()
		if w.Code != c.status || w.Body.String() != c.body || got.Get("Content-Encoding") != c.coding ||
			c.etag != "" && got.Get("ETag") != c.etag {
			t.Errorf("%s for %q, %s: got %d %q %q %s", c.path, c.accept, c.header, w.Code, w.Body,
				got.Get("Content-Encoding"), got.Get("ETag"))
		}
		if c.status == 404 {
			continue
		}
		if got.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s for %q varies with %q", c.path, c.accept, got.Get("Vary"))
		}
	}
	if w := get(h, "/samples/barn.jpg"); w.Header().Get("Vary") != "" {
		t.Error("a photo varies")
	}
}

// A compressed answer has a length, because the page shows progress.
func TestEncodedLength(t *testing.T) {
	server := httptest.NewServer(Handler(encodedSite(), Shares{}))
	defer server.Close()
	for _, method := range []string{"GET", "HEAD"} {
		r, err := http.NewRequest(method, server.URL+"/static/app.js", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "br")
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.ContentLength != int64(len("js by Brotli")) {
			t.Errorf("%s: the length is %d", method, answer.ContentLength)
		}
	}
}

// The program that compresses has its own list of endings.
func TestCompressibleEndings(t *testing.T) {
	source, err := os.ReadFile("compress.mjs")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`const endings = \[(.*)\]`).FindSubmatch(source)
	if line == nil {
		t.Fatal("compress.mjs has no line of endings")
	}
	var theirs, ours []string
	for _, ending := range strings.Split(string(line[1]), ", ") {
		theirs = append(theirs, strings.Trim(ending, "'"))
	}
	for ending := range compressible {
		ours = append(ours, ending)
	}
	slices.Sort(theirs)
	slices.Sort(ours)
	if !slices.Equal(theirs, ours) {
		t.Errorf("compress.mjs compresses %q, the server looks for %q", theirs, ours)
	}
}

package web

import (
	"cmp"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// A built site may hold its files compressed as well, made by web/compress.mjs:
// in a hidden folder, under the SHA-256 of the file. So what is compressed is
// never older than the file, and hosts that know nothing of this are not
// troubled by it.
const encodedFolder = ".encoded"

// codings are the content codings of compressed files, the smaller one first.
var codings = []struct{ name, ending string }{{"br", ".br"}, {"gzip", ".gz"}}

// openEncoded opens the best coding of a file that the site has and the client
// accepts; nil if that is the file itself.
func openEncoded(site fs.FS, digest, accept string) (f *openedFile, coding string) {
	for _, coding := range acceptedCodings(accept) {
		f, err := openFile(site, encodedFolder+"/"+digest+codings[coding].ending)
		if err == nil {
			return f, codings[coding].name
		}
	}
	return nil, ""
}

// acceptedCodings are the indices of the codings that an Accept-Encoding header
// prefers to the plain file, the best first (RFC 9110, 12.5.3). Of equal ones our
// order counts; where the plain file is equal, it comes last.
func acceptedCodings(accept string) []int {
	weights := map[string]float64{}
	for part := range strings.SplitSeq(accept, ",") {
		name, parameter, weighed := strings.Cut(part, ";")
		q := 1.0
		if weighed {
			key, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			var err error
			if q, err = strconv.ParseFloat(value, 64); err != nil || !strings.EqualFold(key, "q") ||
				!(q >= 0 && q <= 1) {
				q = 0 // not understood: better no coding than a wrong one
			}
		}
		weights[strings.ToLower(strings.TrimSpace(name))] = q
	}
	weight := func(name string) float64 {
		if q, ok := weights[name]; ok {
			return q
		}
		return weights["*"]
	}
	var accepted []int
	for i, c := range codings {
		if q := weight(c.name); q > 0 && q >= weights["identity"] {
			accepted = append(accepted, i)
		}
	}
	slices.SortStableFunc(accepted,
		func(a, b int) int { return cmp.Compare(weight(codings[b].name), weight(codings[a].name)) })
	return accepted
}

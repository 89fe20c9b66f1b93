package web

import (
	"cmp"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// A built site may contain compressed files, which web/compress.mjs writes to a hidden folder under the SHA-256 of the
// original. A compressed file is thus never older than the original, and other hosts do not serve them.
const encodedFolder = ".encoded"

// codings lists the content codings of compressed files, the smaller one first.
var codings = []struct{ name, ending string }{{"br", ".br"}, {"gzip", ".gz"}}

// openEncoded opens the best coding of a file that the site has and the client accepts; nil if that is the file itself.
func openEncoded(site fs.FS, digest, accept string) (f *openedFile, coding string) {
	for _, coding := range acceptedCodings(accept) {
		f, err := openFile(site, encodedFolder+"/"+digest+codings[coding].ending)
		if err == nil {
			return f, codings[coding].name
		}
	}
	return nil, ""
}

// acceptedCodings gives the indices of the codings that an Accept-Encoding header prefers to the plain file, the best
// first (RFC 9110, 12.5.3). Equal ones come in our order, but the plain file is last.
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
				q = 0 // invalid: no coding is better than a wrong one
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

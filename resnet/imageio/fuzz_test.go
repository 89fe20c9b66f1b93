//go:build !js

package imageio

// Fuzz tests read their corpus from a folder, which browsers do not have.

import (
	"errors"
	"testing"
)

func FuzzSniff(f *testing.F) {
	for _, c := range wholeFiles(30, 17) {
		f.Add([]byte(c.file))
	}
	for _, c := range refusals() {
		f.Add(c.file[:min(len(c.file), 4096)])
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		size := int64(len(file))
		h, err := Sniff(file, size)
		var refusal *Error
		if err != nil && !errors.As(err, &refusal) {
			t.Fatalf("given the whole file: %v is no *Error", err)
		}
		if err == nil && h.Width > MaxPixels/max(h.Height, 1) {
			t.Fatalf("%v passed the limit", h)
		}
		if err == nil {
			if err := Complete(file, h.Format); err != nil && !errors.As(err, &refusal) {
				t.Fatalf("%v is no *Error", err)
			}
		}
		// A shorter head gives the same result as the whole file, or ErrNeedMore.
		if short, shortErr := Sniff(file[:len(file)/2], size); shortErr == nil && err == nil && short != h {
			t.Fatalf("half of the file says %v, all of it %v", short, h)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, g := range readGoldens(f) {
		f.Add(g.File)
	}
	for _, c := range refusals() {
		f.Add(c.file[:min(len(c.file), 4096)])
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		// Allocating all pixels that a few bytes may declare takes a second, and tests nothing.
		if h, err := Sniff(file, int64(len(file))); err == nil && h.Width > 1<<20/max(h.Height, 1) {
			t.Skip()
		}
		img, err := Decode(file)
		var refusal *Error
		if err != nil && !errors.As(err, &refusal) {
			t.Fatalf("%v is no *Error", err)
		}
		if err == nil && (img.Rect.Empty() || img.Stride != 4*img.Rect.Dx() ||
			len(img.Pix) != img.Stride*img.Rect.Dy()) {
			t.Fatalf("a picture of %v with %d bytes", img.Rect, len(img.Pix))
		}
	})
}

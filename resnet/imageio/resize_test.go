package imageio

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
)

// Embedded, for the tests also run in a browser, which has no files.
//
//go:embed testdata/resize.json
var resizeGoldens []byte

// pattern is the test picture of testdata/make_goldens.py, as RGBA.
func pattern(width, height int) []byte {
	pix := make([]byte, 0, 4*width*height)
	for y := range height {
		for x := range width {
			edge := byte(0)
			if (x/5+y/3)%2 != 0 {
				edge = 255
			}
			// The alpha is noise too, because nothing may read it.
			pix = append(pix, byte((x*x+3*y*y+5*x*y)>>3), edge, byte(2*x+y), byte(x*y))
		}
	}
	return pix
}

// resize passes the part of pix that the resizer asks for, strip rows at a time.
func resize(pix []byte, width, height, short, crop, strip int) []byte {
	return resizeBy(NewCropResizer(width, height, short, crop), pix, width, strip)
}

// resizeBy is resize for a resizer that is made already.
func resizeBy(r *CropResizer, pix []byte, width, strip int) []byte {
	x0, x1, y0, y1 := r.Source()
	for y := y0; y < y1; y += strip {
		n := min(strip, y1-y)
		var part []byte
		for i := y; i < y+n; i++ {
			part = append(part, pix[4*(i*width+x0):4*(i*width+x1)]...)
		}
		r.Rows(y, part, n)
	}
	dst := make([]byte, r.Len())
	r.Finish(dst)
	return dst
}

func TestResizeEqualsPillow(t *testing.T) {
	var goldens struct {
		Cases []struct {
			Width, Height, Short, Crop int
			SHA256, Middle             string
		}
	}
	if err := json.Unmarshal(resizeGoldens, &goldens); err != nil {
		t.Fatal(err)
	}
	if len(goldens.Cases) < 20 {
		t.Fatalf("only %d cases", len(goldens.Cases))
	}
	for _, c := range goldens.Cases {
		name := fmt.Sprintf("%dx%d to %d crop %d", c.Width, c.Height, c.Short, c.Crop)
		t.Run(name, func(t *testing.T) {
			got := resize(pattern(c.Width, c.Height), c.Width, c.Height, c.Short, c.Crop, 7)
			if sum := sha256.Sum256(got); hex.EncodeToString(sum[:]) == c.SHA256 {
				return
			}
			want, err := hex.DecodeString(c.Middle)
			if err != nil {
				t.Fatal(err)
			}
			at := 3 * c.Crop * (c.Crop / 2)
			t.Errorf("differs from Pillow; its middle row begins\n got %v\nwant %v", got[at:at+len(want)], want)
		})
	}
}

// The result does not depend on the height of the strips.
func TestResizeStrips(t *testing.T) {
	pix := pattern(90, 61)
	want := resize(pix, 90, 61, 32, 28, 61)
	for _, strip := range []int{1, 2, 16} {
		if got := resize(pix, 90, 61, 32, 28, strip); string(got) != string(want) {
			t.Errorf("strips of %d rows give another picture", strip)
		}
	}
}

// Source must name all pixels that the result depends on, and no more than the filter needs.
func TestResizeSource(t *testing.T) {
	for _, c := range []struct{ w, h, short, crop, x0, x1, y0, y1 int }{
		{256, 256, 256, 224, 16, 241, 16, 241},
		{256, 256, 256, 256, 0, 256, 0, 256},
		{1, 1, 256, 224, 0, 1, 0, 1},
		{4000, 3000, 256, 224, 674, 3314, 182, 2818},
		{1, 64_000_000, 256, 224, 0, 1, 31_999_999, 32_000_001},
	} {
		x0, x1, y0, y1 := NewCropResizer(c.w, c.h, c.short, c.crop).Source()
		if got, want := [4]int{x0, x1, y0, y1}, [4]int{c.x0, c.x1, c.y0, c.y1}; got != want {
			t.Errorf("%d×%d: source %v, want %v", c.w, c.h, got, want)
		}
	}
}

func TestResizePanics(t *testing.T) {
	fed := func(n int) *CropResizer {
		r := NewCropResizer(8, 8, 8, 8)
		r.Rows(0, make([]byte, 4*8*n), n)
		return r
	}
	for _, c := range []struct {
		want string
		f    func()
	}{
		{badCrop, func() { NewCropResizer(8, 8, 8, 9) }},
		{badCrop, func() { NewCropResizer(8, 8, 8, 0) }},
		{badSize, func() { NewCropResizer(0, 8, 8, 8) }},
		{badSize, func() { NewCropResizer(8, -1, 8, 8) }},
		{badRows, func() { fed(2).Rows(3, make([]byte, 32), 1) }},
		{badRows, func() { fed(2).Rows(1, make([]byte, 32), 1) }},
		{badRows, func() { fed(2).Rows(2, make([]byte, 32*7), 7) }},
		{badRows, func() { fed(7).Finish(make([]byte, 192)) }},
		{badBytes, func() { fed(2).Rows(2, make([]byte, 31), 1) }},
		{badBytes, func() { fed(8).Finish(make([]byte, 193)) }},
	} {
		func() {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panic %v, want %q", got, c.want)
				}
			}()
			c.f()
		}()
	}
}

// A photo of 12 megapixels, from pixels to the bytes of the crop.
func BenchmarkResize12MP(b *testing.B) {
	const width, height, strip = 4000, 3000, 64
	x0, x1, _, _ := NewCropResizer(width, height, 256, 224).Source()
	part := make([]byte, strip*4*(x1-x0))
	for i := range part {
		part[i] = byte(i * 7)
	}
	dst := make([]byte, 3*224*224)
	for b.Loop() {
		r := NewCropResizer(width, height, 256, 224)
		_, _, y0, y1 := r.Source()
		for y := y0; y < y1; y += strip {
			n := min(strip, y1-y)
			r.Rows(y, part[:n*4*(x1-x0)], n)
		}
		r.Finish(dst)
	}
}

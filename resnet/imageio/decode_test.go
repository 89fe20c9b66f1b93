//go:build !js

package imageio

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"image"
	"math"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights"
)

//go:embed testdata/decode.json
var decodeGoldens []byte

// A golden is a picture file and Pillow's result for it.
type golden struct {
	Name          string
	Format        Format
	Tolerance     int // levels
	Width, Height int // upright
	File, RGB     []byte
}

func readGoldens(t testing.TB) []golden {
	var goldens struct{ Cases []golden }
	if err := json.Unmarshal(decodeGoldens, &goldens); err != nil {
		t.Fatal(err)
	}
	if len(goldens.Cases) < 40 {
		t.Fatalf("only %d cases", len(goldens.Cases))
	}
	return goldens.Cases
}

// goldenFile returns the file of the golden with that name.
func goldenFile(t testing.TB, name string) []byte {
	for _, g := range readGoldens(t) {
		if g.Name == name {
			return g.File
		}
	}
	t.Fatalf("no golden is called %q", name)
	return nil
}

func TestDecodeEqualsPillow(t *testing.T) {
	for _, g := range readGoldens(t) {
		t.Run(g.Name, func(t *testing.T) {
			h, err := Sniff(g.File, int64(len(g.File)))
			if err != nil {
				t.Fatal(err)
			}
			if h.Format != g.Format || h.Width*h.Height != g.Width*g.Height {
				t.Errorf("header %v, want %s of %d×%d", h, g.Format, g.Width, g.Height)
			}
			img, err := Decode(g.File)
			if err != nil {
				t.Fatal(err)
			}
			if img.Rect != image.Rect(0, 0, g.Width, g.Height) {
				t.Fatalf("size %v, want %d×%d", img.Rect, g.Width, g.Height)
			}
			for i := range g.Width * g.Height {
				x, y := i%g.Width, i/g.Width
				got, want := img.Pix[y*img.Stride+4*x:][:4], g.RGB[3*i:][:3]
				for c, v := range want {
					if d := int(got[c]) - int(v); d > g.Tolerance || -d > g.Tolerance {
						t.Fatalf("pixel %d,%d: got %v, want %v ± %d", x, y, got, want, g.Tolerance)
					}
				}
				if got[3] != 255 {
					t.Fatalf("pixel %d,%d has alpha %d", x, y, got[3])
				}
			}
		})
	}
}

// A file that is cut anywhere is refused, or still gives the whole picture. It never panics or gives another picture.
func TestDecodeCut(t *testing.T) {
	for _, g := range readGoldens(t) {
		whole, err := Decode(g.File)
		if err != nil {
			t.Fatal(err)
		}
		for n := range len(g.File) {
			img, err := Decode(g.File[:n])
			var refusal *Error
			switch {
			case err == nil:
				if string(img.Pix) != string(whole.Pix) {
					t.Errorf("%s cut to %d of %d bytes: decodes to another picture", g.Name, n, len(g.File))
				}
			case !errors.As(err, &refusal):
				t.Errorf("%s cut to %d bytes: %v is no *Error", g.Name, n, err)
			case n > 64 && n < len(g.File)*9/10 && refusal.Code != CodeTruncatedImage:
				t.Errorf("%s cut to %d of %d bytes: %q", g.Name, n, len(g.File), refusal)
			}
		}
	}
}

// Faults that only the decoder finds.
func TestDecodeRefusals(t *testing.T) {
	flip := func(file []byte, at int) []byte {
		file = bytes.Clone(file)
		file[at] ^= 0x55
		return file
	}
	png, bmp, grey, tiff := goldenFile(t, "PNG RGB"), goldenFile(t, "BMP"), goldenFile(t, "JPEG grey"),
		goldenFile(t, "TIFF")
	photometric := le16(262) + le16(3) + le32(1)
	page := "\x02\x00\x00\x00" + le24(29) + le24(16) // the flags of an animation, its size
	animation := func(frame string) []byte {
		return []byte(webpFile("VP8X", page+"ANMF"+le32(len(frame))+frame+strings.Repeat("\x00", len(frame)&1)))
	}
	// webpFile counts all of that into the first chunk; it has 10 bytes.
	short := func(file []byte) []byte { copy(file[16:], le32(10)); return file }
	for _, c := range []struct {
		name string
		file []byte
		code string
		part string // of the message
	}{
		{"AVIF", []byte(avifFile(9, 9)), CodeUnsupportedFormat, "AVIF"},
		{"flipped byte", flip(png, bytes.Index(png, []byte("IDAT"))+9), CodeBrokenImage, "PNG"},
		{"JPEG without tables", []byte(jpegFile(9, 9)), CodeBrokenImage, "JPEG"},
		{"JPEG of 12 bits", flip(grey, bytes.Index(grey, []byte("\xff\xc0"))+4), CodeUnsupportedFormat,
			"JPEG (feature: precision)"},
		{"BMP of an unknown compression", flip(bmp, 30), CodeUnsupportedFormat, "BMP (feature: depth or compression)"},
		{"TIFF of CMYK", bytes.Replace(tiff, []byte(photometric+le16(2)), []byte(photometric+le16(5)), 1),
			CodeUnsupportedFormat, "TIFF (feature: color model)"},
		{"animation without frames", short([]byte(webpFile("VP8X", page))), CodeBrokenImage, "a chunk is missing"},
		{"animation with half a frame header", short(animation("01234567")), CodeBrokenImage, "a frame is too short"},
		{"animation with a frame off the page",
			short(animation(le24(1) + le24(0) + le24(29) + le24(0) + "\x00\x00\x00\x00VP8L")), CodeBrokenImage,
			"beyond the page"},
		{"animation with an empty frame", short(animation(strings.Repeat("\x00", 16))), CodeBrokenImage, "WebP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(c.file)
			var got *Error
			if !errors.As(err, &got) || got.Code != c.code || !strings.Contains(got.Message, c.part) {
				t.Errorf("got %v, want %s with %q", err, c.code, c.part)
			}
		})
	}
}

// A decoder that panics refuses the file and does not end the program.
func TestDecodePanic(t *testing.T) {
	_, err := guard(GIF, nil, func([]byte) (image.Image, error) { panic("index out of range") })
	var got *Error
	if !errors.As(err, &got) || got.Code != CodeBrokenImage || got.Details["reason"] != "index out of range" {
		t.Errorf("got %v", err)
	}
}

func TestOrient(t *testing.T) {
	// 1 2 3    as numbered in the red channel
	// 4 5 6
	src := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	for i := range 6 {
		src.Pix[4*i] = byte(i + 1)
	}
	for o, want := range map[int][][]byte{
		1: {{1, 2, 3}, {4, 5, 6}},
		2: {{3, 2, 1}, {6, 5, 4}},
		3: {{6, 5, 4}, {3, 2, 1}},
		4: {{4, 5, 6}, {1, 2, 3}},
		5: {{1, 4}, {2, 5}, {3, 6}},
		6: {{4, 1}, {5, 2}, {6, 3}},
		7: {{6, 3}, {5, 2}, {4, 1}},
		8: {{3, 6}, {2, 5}, {1, 4}},
	} {
		dst := orient(src, o)
		if dst.Rect != image.Rect(0, 0, len(want[0]), len(want)) {
			t.Errorf("orientation %d: size %v", o, dst.Rect)
			continue
		}
		for y, row := range want {
			for x, v := range row {
				if got := dst.NRGBAAt(x, y).R; got != v {
					t.Errorf("orientation %d: pixel %d,%d is %d, want %d", o, x, y, got, v)
				}
			}
		}
	}
}

// Orientation agrees with imagemeta, on a file that another program has written.
func TestOrientationOfFile(t *testing.T) {
	file := goldenFile(t, "JPEG orientation 6")
	if got, want := Orientation(file), orientation(file, JPEG); got != want || got != 6 {
		t.Errorf("it is %d, and imagemeta says %d; want 6", got, want)
	}
}

// Load equals its parts, called one by one.
func TestLoad(t *testing.T) {
	file := goldenFile(t, "PNG orientation 6")
	spec := Spec{ShortSide: 6, Size: 4, Order: BGR, Rescale: 0.5, Mean: [3]float32{1, 2, 3}, Std: [3]float32{1, 2, 4}}
	got, err := Load(file, spec)
	if err != nil {
		t.Fatal(err)
	}
	img, err := Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	rgb := resize(img.Pix, img.Rect.Dx(), img.Rect.Dy(), spec.ShortSide, spec.Size, 1)
	for i := range spec.Size * spec.Size {
		for c := range 3 {
			want := (float32(rgb[3*i+2-c])*spec.Rescale - spec.Mean[c]) / spec.Std[c]
			if got[3*i+c] != want {
				t.Fatalf("value %d of pixel %d is %v, want %v", c, i, got[3*i+c], want)
			}
		}
	}

	nan, large := float32(math.NaN()), float32(math.MaxFloat32)
	for _, c := range []struct {
		change func(*Spec)
		says   string
	}{
		{func(s *Spec) { s.Size = 7 }, "a crop of 7 does not fit a short side of 6"},
		{func(s *Spec) { s.Size = 0 }, "a crop of 0"},
		{func(s *Spec) { s.Order = "GBR" }, `channel order "GBR"`},
		{func(s *Spec) { s.Order = "" }, `channel order ""`},
		{func(s *Spec) { s.Rescale = 0 }, "a Rescale of 0"},
		{func(s *Spec) { s.Rescale = nan }, "a Rescale of NaN"},
		{func(s *Spec) { s.Rescale = large }, "becomes +Inf"},
		{func(s *Spec) { s.Std = [3]float32{} }, "a Std of 0"},
		{func(s *Spec) { s.Std[2] = 0 }, "channel 2 cannot be divided by a Std of 0"},
		{func(s *Spec) { s.Std[1] = -1 }, "a Std of -1"},
		{func(s *Spec) { s.Std[1] = nan }, "a Std of NaN"},
		{func(s *Spec) { s.Mean[0] = nan }, "becomes NaN"},
		{func(s *Spec) { *s = Spec{} }, "a crop of 0"},
		{func(s *Spec) { s.Size, s.Height, s.Width = 0, 7, 3 }, "a crop of 7×3 does not fit a picture resized to 6×6"},
		{func(s *Spec) { s.ShortSide, s.ResizeHeight, s.ResizeWidth = 0, 6, 3 }, "resized to 6×3"},
		{func(s *Spec) { s.Filter = "random" }, `filter "random"`},
	} {
		bad := spec
		c.change(&bad)
		if _, err := Load(file, bad); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: the error is %v; want one that says %q", bad, err, c.says)
		}
	}
	if _, err := Load(nil, spec); err == nil {
		t.Error("an empty file was accepted")
	}
}

// A Spec has all that a card says of pictures: each change of the card is one of the Spec.
func TestSpecFor(t *testing.T) {
	card := weights.Card{InputSize: 4, ShortSide: 6, Interpolation: "bilinear", ChannelOrder: "BGR", Rescale: 0.5,
		Mean: [3]float32{1, 2, 3}, Std: [3]float32{4, 5, 6}}
	want := Spec{ShortSide: 6, Size: 4, Filter: Bilinear, Order: BGR, Rescale: 0.5, Mean: card.Mean, Std: card.Std}
	if got := SpecFor(card); got != want {
		t.Errorf("it is %+v, want %+v", got, want)
	}
	card.InputSize, card.InputHeight, card.InputWidth = 0, 8, 4
	card.ShortSide, card.ResizeHeight, card.ResizeWidth, card.Squash = 0, 9, 5, true
	card.Interpolation = "bicubic"
	want.Size, want.Height, want.Width = 0, 8, 4
	want.ShortSide, want.ResizeHeight, want.ResizeWidth, want.Squash = 0, 9, 5, true
	want.Filter = Bicubic
	if got := SpecFor(card); got != want {
		t.Errorf("it is %+v, want %+v", got, want)
	}
}

// A photo of 12 megapixels from Go's YCbCr to RGB.
func BenchmarkYCbCr12MP(b *testing.B) {
	m := image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420)
	for b.Loop() {
		ycbcrToRGB(m, fullRange)
	}
}

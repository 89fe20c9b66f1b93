//go:build !js

package imageio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
)

// noisy is a picture of several blocks, so that its data have an end that can be missed.
func noisy(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		x, y := i%width, i/width
		img.SetRGBA(x, y, color.RGBA{uint8(6*x + x*x*y), uint8(9*y + x*y), uint8(5 * (x + y)), 255})
	}
	return img
}

// encoded is a file that Go's encoders write. Its picture is 45×27.
func encoded(t *testing.T, f Format) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch img := noisy(45, 27); f {
	case JPEG:
		err = jpeg.Encode(&b, img, nil)
	case PNG:
		err = png.Encode(&b, img)
	case GIF:
		err = gif.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// animated is a GIF file of two frames, and the index after the first.
func animated(t *testing.T) (file []byte, first int) {
	t.Helper()
	still, err := gif.Decode(bytes.NewReader(encoded(t, GIF)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	frame := still.(*image.Paletted)
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{9, 9}}); err != nil {
		t.Fatal(err)
	}
	f, err := gifFirstFrame(b.Bytes())
	if err != nil || !f.closed {
		t.Fatal(f, err)
	}
	return b.Bytes(), f.last + 1
}

// restarting is a grey JPEG file with a restart marker after each block: the blocks come from files of their own.
func restarting(t *testing.T) []byte {
	t.Helper()
	var file []byte
	const across, down = 4, 3
	for k := range across * down {
		block := image.NewGray(image.Rect(0, 0, 8, 8))
		for i := range block.Pix {
			block.Pix[i] = uint8(20*k + 3*i)
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, block, nil); err != nil {
			t.Fatal(err)
		}
		sos := bytes.LastIndex(b.Bytes(), []byte{0xff, markSOS})
		scan := sos + 2 + int(binary.BigEndian.Uint16(b.Bytes()[sos+2:]))
		if k == 0 {
			file = append(file, b.Bytes()[:sos]...)
			sof := bytes.Index(file, []byte{0xff, markSOF0})
			binary.BigEndian.PutUint16(file[sof+5:], 8*down)
			binary.BigEndian.PutUint16(file[sof+7:], 8*across)
			file = append(file, jpegSegment(markDRI, "\x00\x01")...)
			file = append(file, b.Bytes()[sos:scan]...)
		} else {
			file = append(file, 0xff, byte(0xd0+(k-1)%8))
		}
		file = append(file, b.Bytes()[scan:b.Len()-2]...)
	}
	return append(file, 0xff, markEOI)
}

// pngWith puts chunks before the pixel data, or behind them.
func pngWith(file []byte, chunks string, behind bool) string {
	at := bytes.Index(file, []byte("IDAT")) - 4
	if behind {
		at = len(file) - len(pngEnd)
	}
	return string(file[:at]) + chunks + string(file[at:])
}

// badSum is a chunk with a wrong checksum.
func badSum(chunk string) string { return chunk[:len(chunk)-1] + string(chunk[len(chunk)-1]^1) }

// pngOf is a file with other compressed data than file's.
func pngOf(t *testing.T, file []byte, change func(data string) string) string {
	t.Helper()
	at := bytes.Index(file, []byte("IDAT")) - 4
	c, err := nextChunk(file, at)
	if err != nil {
		t.Fatal(err)
	}
	return string(file[:at]) + pngChunk("IDAT", change(string(c.data))) + pngEnd
}

// An ending is a file that ends, or is written, in another way than its format says.
type ending struct {
	name, base, file string
	code             string // of the refusal; "" if it is the same picture as base
}

// endings lists what Chromium, Firefox and Pillow were seen to show whole, and what they do not.
func endings(t *testing.T) []ending {
	t.Helper()
	jpg, grey := string(encoded(t, JPEG)), string(restarting(t))
	picture := encoded(t, PNG)
	still := string(encoded(t, GIF))
	film, first := animated(t)
	bmp := string(goldenFile(t, "BMP"))
	zeros := strings.Repeat("\x00", 40)
	cut := func(s string, n int) string { return s[:len(s)-n] }
	p, pngTail := string(picture), len(pngEnd)
	exif, text := pngChunk("eXIf", "nonsense"), pngChunk("tEXt", "Comment\x00hello")
	list := []ending{
		{"GIF without trailer", still, cut(still, 1), ""},
		{"GIF with a zero before the trailer", still, cut(still, 1) + "\x00\x3b", ""},
		{"GIF with zeros for a trailer", still, cut(still, 1) + zeros, ""},
		{"GIF with text for a trailer", still, cut(still, 1) + "text", ""},
		{"GIF with half an extension", still, cut(still, 1) + "\x21\xfe\x05A", ""},
		{"GIF without the end of its data", still, cut(still, 2), ""},
		{"GIF without the end of its codes", still, cut(still, 3), ""},
		{"GIF with bytes behind", still, still + zeros, ""},
		{"GIF that is cut", still, cut(still, len(still)/10), CodeTruncatedImage},
		{"GIF that is cut in half", still, still[:len(still)/2], CodeTruncatedImage},
		{"GIF that is cut and closed", still, still[:len(still)/2] + strings.Repeat(zeros, 7), CodeBrokenImage},
		{"GIF without a frame", still, "GIF89a\x01\x00\x01\x00\x00\x00\x00\x3b", CodeBrokenImage},
		{"GIF film without trailer", string(film), string(film[:len(film)-1]), ""},
		{"GIF film that is cut in its second frame", string(film), string(film[:(first+len(film))/2]), ""},
		{"GIF film that is cut in its first frame", string(film), string(film[:first/2]), CodeTruncatedImage},

		{"JPEG without an end", jpg, cut(jpg, 2), ""},
		{"JPEG with half an end", jpg, cut(jpg, 1), ""},
		{"JPEG with zeros for an end", jpg, cut(jpg, 2) + zeros, ""},
		{"JPEG with bytes behind", jpg, jpg + zeros, ""},
		{"JPEG with bytes before the end", jpg, cut(jpg, 2) + zeros + "\xff\xd9", ""},
		{"JPEG with bytes before a marker", jpg, jpg[:2] + "\xff\xff" + jpg[2:], ""},
		{"JPEG with a note of no length", jpg, jpg[:2] + "\xff\xed\x00\x01" + jpg[2:], ""},
		{"JPEG that is cut", jpg, cut(jpg, 5), CodeTruncatedImage},
		{"JPEG that is cut in half", jpg, jpg[:len(jpg)/2+200], CodeTruncatedImage},
		{"JPEG that is half zeros", jpg, cut(jpg, 60) + zeros, CodeTruncatedImage},
		{"JPEG with restarts", grey, grey + "", ""},
		{"JPEG with restarts, without an end", grey, cut(grey, 2), ""},
		{"JPEG with restarts that is cut", grey, cut(grey, 9), CodeTruncatedImage},

		{"PNG without an end", p, cut(p, pngTail), ""},
		{"PNG with half an end", p, cut(p, 6), ""},
		{"PNG with zeros for an end", p, cut(p, pngTail) + zeros, ""},
		{"PNG with bytes behind", p, p + zeros, ""},
		{"PNG whose end has a wrong checksum", p, badSum(p), ""},
		{"PNG with a text", p, pngWith(picture, text, false), ""},
		{"PNG with a wrong checksum of a text", p, pngWith(picture, badSum(text), false), ""},
		{"PNG with a wrong checksum of a text behind", p, pngWith(picture, badSum(text), true), ""},
		{"PNG with nonsense in a chunk", p, pngWith(picture, exif, false), ""},
		{"PNG with a wrong checksum of its data", p, p[:len(p)-pngTail-1] + "\x00" + p[len(p)-pngTail:], ""},
		{"PNG with a wrong checksum of its pixels", p,
			pngOf(t, picture, func(s string) string { return badSum(s) }), ""},
		{"PNG without a checksum of its pixels", p, pngOf(t, picture, func(s string) string { return cut(s, 4) }), ""},
		{"PNG with more than its pixels", p, pngOf(t, picture, func(s string) string { return s + zeros }), ""},
		{"PNG that is cut", p, cut(p, pngTail+40), CodeTruncatedImage},
		{"PNG with too few pixels", p,
			pngOf(t, picture, func(s string) string { return s[:len(s)/2] }), CodeBrokenImage},
		{"PNG with a wrong checksum of its header", p, p[:29] + "\x00" + p[30:], CodeBrokenImage},

		{"BMP with bytes behind", bmp, bmp + zeros, ""},
		{"BMP that is cut", bmp, cut(bmp, 5), CodeTruncatedImage},
	}
	for _, kind := range []string{"JPEG grey", "JPEG CMYK", "JPEG 4:2:2", "JPEG 4:4:4"} {
		file := string(goldenFile(t, kind))
		list = append(list, ending{kind + " without an end", file, cut(file, 2), ""})
	}
	slow := string(goldenFile(t, "JPEG progressive"))
	lastScan := strings.LastIndex(slow, "\xff\xda")
	return append(list, ending{"JPEG progressive without its last scan", slow, slow[:lastScan], CodeTruncatedImage})
}

func TestEndings(t *testing.T) {
	for _, c := range endings(t) {
		t.Run(c.name, func(t *testing.T) {
			want, err := Decode([]byte(c.base))
			if err != nil {
				t.Fatal(err)
			}
			file := []byte(c.file)
			before := slices.Clone(file)
			got, err := Decode(file)
			var refusal *Error
			switch {
			case c.code != "" && (!errors.As(err, &refusal) || refusal.Code != c.code):
				t.Errorf("got %v, want %s", err, c.code)
			case c.code == "" && err != nil:
				t.Error(err)
			case c.code == "" && (got.Rect != want.Rect || !bytes.Equal(got.Pix, want.Pix)):
				t.Error("it decodes to another picture")
			}
			if !bytes.Equal(file, before) {
				t.Error("Decode has changed the file")
			}
		})
	}
}

// A file that is sound is not copied. One that was mended is sound.
func TestMend(t *testing.T) {
	for _, f := range []Format{JPEG, PNG, GIF} {
		file := encoded(t, f)
		if whole := Mend(file, f); &whole[0] != &file[0] || len(whole) != len(file) {
			t.Errorf("%s: a sound file was changed", f)
		}
		mended := Mend(file[:len(file)-2], f)
		if err := Complete(mended, f); err != nil || len(mended) < len(file)-2 {
			t.Errorf("%s: mended to %d of %d bytes, %v", f, len(mended), len(file), err)
		}
		if again := Mend(mended, f); &again[0] != &mended[0] {
			t.Errorf("%s: what was mended is mended again", f)
		}
	}
}

// The size of the pixels of a PNG file is that which its data have.
func TestPNGBytes(t *testing.T) {
	for _, g := range readGoldens(t) {
		if g.Format == PNG && !pngInflates(g.File) {
			t.Errorf("%s: its pixels are not %d bytes", g.Name, pngBytes(g.File))
		}
	}
	// Adam7, of 5×3 pixels of a byte: the passes have 1×1, 1×1, 0, 1×1, 3×1, 2×2 and 5×1, and a filter a row.
	interlaced := []byte("\x89PNG\r\n\x1a\n" + pngChunk("IHDR", be32(5)+be32(3)+"\x08\x00\x00\x00\x01"))
	if got, want := pngBytes(interlaced), 2+2+0+2+4+2*3+6; got != want {
		t.Errorf("interlaced: %d bytes, want %d", got, want)
	}
}

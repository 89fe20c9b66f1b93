//go:build !js

package imageio

import (
	"bytes"
	"errors"
	"math"
	"math/bits"
	"strings"
	"testing"
)

// maskedBMP is a picture of 7×5 pixels whose colours have the bits of masks, with a header of so many bytes; plain is
// the same picture in 24 bits. A mask for alpha makes the pixels more and more transparent.
func maskedBMP(depth, header, compression int, topDown bool, masks ...uint32) (file, plain string) {
	const w, h = 7, 5
	var rows, plainRows strings.Builder
	for y := range h {
		var row, plainRow string
		for x := range w {
			pixel, colours := 0, []float64{0, 0, 0, 255}
			for c, mask := range masks {
				if mask == 0 {
					continue // no alpha
				}
				n := bits.OnesCount32(mask)
				v := (x*11 + y*7 + c*5 + x*y) % (1 << n)
				pixel |= v << bits.TrailingZeros32(mask)
				colours[c] = math.Round(float64(v) * 255 / float64(int(1)<<n-1))
				if n > 8 {
					colours[c] = float64(v >> (n - 8))
				}
			}
			row += le32(pixel)[:depth/8]
			for c := 2; c >= 0; c-- {
				alpha := colours[3] / 255
				plainRow += string([]byte{byte(math.Round(colours[c]*alpha + 255*(1-alpha)))})
			}
		}
		rows.WriteString(row + strings.Repeat("\x00", -len(row)&3))
		plainRows.WriteString(plainRow + strings.Repeat("\x00", -len(plainRow)&3))
	}
	height := h
	if topDown {
		height = -h
	}
	var fields string
	if compression > 0 {
		for _, mask := range masks {
			fields += le32(int(mask))
		}
	}
	info := le32(header) + le32(w) + le32(height) + le16(1) + le16(depth) + le32(compression) + le32(0) +
		strings.Repeat("\x00", 16) + fields
	if header == 12 {
		info = le32(header) + le16(w) + le16(h) + le16(1) + le16(depth)
	}
	info += strings.Repeat("\x00", max(header-len(info), 0))
	file = "BM" + le32(0) + le32(0) + le32(14+len(info)) + info + rows.String()
	return file, bmpFile(w, height)[:54] + plainRows.String()
}

func TestMaskedBMP(t *testing.T) {
	for _, c := range []struct {
		name                       string
		depth, header, compression int
		masks                      []uint32
	}{
		{"5-5-5", 16, 40, 0, []uint32{0x7c00, 0x3e0, 0x1f}},
		{"5-5-5 with masks", 16, 40, 3, []uint32{0x7c00, 0x3e0, 0x1f}},
		{"5-6-5", 16, 40, 3, []uint32{0xf800, 0x7e0, 0x1f}},
		{"5-6-5 of Photoshop", 16, 56, 3, []uint32{0xf800, 0x7e0, 0x1f, 0}},
		{"5-6-5 of a long header", 16, 124, 3, []uint32{0xf800, 0x7e0, 0x1f, 0}},
		{"4-4-4 with transparency", 16, 108, 3, []uint32{0xf00, 0xf0, 0xf, 0xf000}},
		{"4-4-4 with masks of alpha", 16, 40, 6, []uint32{0xf00, 0xf0, 0xf, 0xf000}},
		{"5-0-5", 16, 40, 3, []uint32{0xf800, 0, 0x1f}},
		{"10-10-10", 32, 40, 3, []uint32{0x3ff00000, 0xffc00, 0x3ff}},
		{"24 bits of OS/2", 24, 12, 0, []uint32{0xff0000, 0xff00, 0xff}},
		{"32 bits of another order", 32, 40, 3, []uint32{0xff000000, 0xff0000, 0xff00}},
		{"32 bits whose last ones are none", 32, 108, 0, []uint32{0xff0000, 0xff00, 0xff}},
		{"32 bits with transparency", 32, 56, 3, []uint32{0xff0000, 0xff00, 0xff, 0xff000000}},
	} {
		for _, topDown := range []bool{false, true} {
			file, plain := maskedBMP(c.depth, c.header, c.compression, topDown && c.header > 12, c.masks...)
			want, err := Decode([]byte(plain))
			if err != nil {
				t.Fatal(err)
			}
			got, err := Decode([]byte(file))
			if err != nil {
				t.Fatalf("%s, from the top: %v: %v", c.name, topDown, err)
			}
			for i, v := range want.Pix {
				// Package draw rounds what is transparent in several steps, and the test once.
				if d := int(v) - int(got.Pix[i]); d != 0 && (d*d > 1 || len(c.masks) < 4) {
					t.Fatalf("%s, from the top: %v: byte %d is %d, want %d", c.name, topDown, i, got.Pix[i], v)
				}
			}
			for n := range len(file) {
				var refusal *Error
				if _, err := Decode([]byte(file[:n])); !errors.As(err, &refusal) {
					t.Fatalf("%s cut to %d bytes: got %v", c.name, n, err)
				}
			}
		}
	}
	// Masks are of bits side by side. Three bytes have none.
	for name, file := range map[string]string{
		"masks with holes":      first(maskedBMP(16, 40, 3, false, 0xf800, 0x7a0, 0x1f)),
		"masks of 24 bits":      first(maskedBMP(24, 40, 3, false, 0xff0000, 0xff00, 0xff)),
		"run lengths of pixels": first(maskedBMP(16, 40, 1, false, 0xf800, 0x7a0, 0x1f)),
	} {
		var refusal *Error
		if _, err := Decode([]byte(file)); !errors.As(err, &refusal) || refusal.Code != CodeUnsupportedFormat {
			t.Errorf("%s: got %v, want %s", name, err, CodeUnsupportedFormat)
		}
	}
}

func first(file, _ string) string { return file }

// What does not change the pixels is ignored, as Chromium does: the number of planes, and a gap before the pixels.
func TestBMPHeaders(t *testing.T) {
	for _, name := range []string{"BMP", "BMP palette", "BMP grey"} {
		file := goldenFile(t, name)
		want, err := Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		planes := bytes.Clone(file)
		planes[26] = 7
		at := int(file[10]) | int(file[11])<<8
		gap := []byte(string(file[:at]) + "four" + string(file[at:]))
		gap[10] += 4
		for change, changed := range map[string][]byte{"planes": planes, "gap": gap} {
			if got, err := Decode(changed); err != nil || !bytes.Equal(got.Pix, want.Pix) {
				t.Errorf("%s, another %s: %v, or other pixels", name, change, err)
			}
		}
	}
	// A palette of OS/2 has three bytes for each colour.
	small := "BM" + le32(0) + le32(0) + le32(32) + le32(12) + le16(3) + le16(1) + le16(1) + le16(1) +
		"\x03\x02\x01\x06\x05\x04" + "\xa0\x00\x00\x00"
	img, err := Decode([]byte(small))
	if want := "\x04\x05\x06\xff\x01\x02\x03\xff\x04\x05\x06\xff"; err != nil || string(img.Pix) != want {
		t.Errorf("of OS/2: %v, %v", img, err)
	}
}

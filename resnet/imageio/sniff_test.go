package imageio

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"
)

func be16(v int) string { return string(binary.BigEndian.AppendUint16(nil, uint16(v))) }
func be32(v int) string { return string(binary.BigEndian.AppendUint32(nil, uint32(v))) }
func le16(v int) string { return string(binary.LittleEndian.AppendUint16(nil, uint16(v))) }
func le32(v int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(v))) }
func le24(v int) string { return le32(v)[:3] }

// The functions below write the structure of a file by hand. The pixels cannot be decoded; Sniff and Complete read
// none.

func jpegSegment(marker byte, body string) string {
	return string([]byte{0xff, marker}) + be16(len(body)+2) + body
}

func jpegFrame(w, h int) string {
	return jpegSegment(markSOF0, "\x08"+be16(h)+be16(w)+"\x01\x01\x11\x00")
}

// jpegFile has an EXIF segment that contains a whole thumbnail, a restart marker, a stuffed 0xff and fill bytes.
func jpegFile(w, h int) string {
	scan := jpegSegment(markSOS, "\x01\x01\x00\x00\x3f\x00") + "\x12\xff\x00\x34\xff\xd0\x56\xff\xff\xd1\x78"
	thumbnail := "\xff\xd8" + jpegFrame(160, 120) + scan + "\xff\xd9"
	return "\xff\xd8" + jpegSegment(0xe1, "Exif\x00\x00"+thumbnail) + jpegFrame(w, h) + scan + scan + "\xff\xd9"
}

func pngChunk(name, data string) string {
	return be32(len(data)) + name + data + be32(int(crc32.ChecksumIEEE([]byte(name+data))))
}

func pngFile(w, h int) string {
	return "\x89PNG\r\n\x1a\n" + pngChunk("IHDR", be32(w)+be32(h)+"\x08\x02\x00\x00\x00") +
		pngChunk("IDAT", strings.Repeat("data", 20)) + pngChunk("IEND", "")
}

func gifFile(w, h int) string {
	return "GIF89a" + le16(w) + le16(h) + "\x80\x00\x00" + "\x00\x00\x00\xff\xff\xff" +
		"\x21\xf9\x04\x01\x00\x00\x00\x00" + "\x2c" + le16(0) + le16(0) + le16(w) + le16(h) + "\x00" +
		"\x02" + "\x02\x4c\x01\x00" + "\x3b"
}

func webpFile(chunk, data string) string {
	body := "WEBP" + chunk + le32(len(data)) + data
	return "RIFF" + le32(len(body)) + body
}

func webpLossy(w, h int) string {
	return webpFile("VP8 ", "\x30\x01\x00\x9d\x01\x2a"+le16(w)+le16(h)+"data")
}

func webpLossless(w, h int) string {
	return webpFile("VP8L", "\x2f"+le32(w-1|(h-1)<<14)+"data..") // padded to even
}

func webpExtended(w, h int) string {
	return webpFile("VP8X", "\x00\x00\x00\x00"+le24(w-1)+le24(h-1))
}

func bmpFile(w, h int) string {
	stride := (w*24 + 31) / 32 * 4
	height := max(h, -h)
	return "BM" + le32(0) + le32(0) + le32(54) + le32(40) + le32(w) + le32(h) + le16(1) + le16(24) + le32(0) +
		le32(0) + le32(0) + le32(0) + le32(0) + le32(0) + strings.Repeat("\x00", min(stride*height, 4096))
}

// tiffFile has its directory after the pixels, as many files do.
func tiffFile(w, h int) string {
	field := func(tag, value int) string { return le16(tag) + le16(4) + le32(1) + le32(value) }
	return "II*\x00" + le32(8+100) + strings.Repeat("\x00", 100) + le16(4) + field(tagWidth, w) + field(tagHeight, h) +
		field(tagStripAt, 8) + field(tagStripBytes, 100) + le32(0)
}

func box(name, body string) string { return be32(len(body)+8) + name + body }

// avifFile declares the size of a tile before that of the whole picture.
func avifFile(w, h int) string {
	ispe := func(w, h int) string { return box("ispe", be32(0)+be32(w)+be32(h)) }
	return box("ftyp", "mif1"+be32(0)+"mif1avifmiaf") +
		box("meta",
			be32(0)+box("hdlr", "....")+box("iprp", box("ipco", ispe(w/2, h/2)+box("pixi", "...")+ispe(w, h)))) +
		box("mdat", strings.Repeat("data", 30))
}

// wholeFiles lists files that are accepted. Each is w × h.
func wholeFiles(w, h int) map[string]struct {
	format Format
	file   string
} {
	type row = struct {
		format Format
		file   string
	}
	frame := strings.LastIndex(jpegFile(w, h), jpegFrame(w, h))
	return map[string]row{
		"JPEG":              {JPEG, jpegFile(w, h)},
		"JPEG with garbage": {JPEG, jpegFile(w, h)[:frame] + "\x00\x01\xff" + jpegFile(w, h)[frame:]},
		"PNG":               {PNG, pngFile(w, h)},
		"GIF":               {GIF, gifFile(w, h)},
		"WebP lossy":        {WebP, webpLossy(w, h)},
		"WebP lossless":     {WebP, webpLossless(w, h)},
		"WebP extended":     {WebP, webpExtended(w, h)},
		"BMP":               {BMP, bmpFile(w, h)},
		"BMP top-down":      {BMP, bmpFile(w, -h)},
		"TIFF":              {TIFF, tiffFile(w, h)},
		"AVIF":              {AVIF, avifFile(w, h)},
	}
}

func TestSniff(t *testing.T) {
	for name, c := range wholeFiles(30, 17) {
		t.Run(name, func(t *testing.T) {
			b := []byte(c.file)
			want := Header{c.format, 30, 17}
			if got, err := Sniff(b, int64(len(b))); err != nil || got != want {
				t.Errorf("got %v, %v; want %v", got, err, want)
			}
			// As a caller does it: with more and more of the file.
			for n := 16; ; n *= 4 {
				n = min(n, len(b))
				got, err := Sniff(b[:n], int64(len(b)))
				if err == ErrNeedMore && n < len(b) {
					continue
				}
				if err != nil || got != want {
					t.Errorf("with %d bytes: got %v, %v; want %v", n, got, err, want)
				}
				break
			}
		})
	}
}

// Given fewer bytes, each format's reader gives the right answer or says that the bytes end early. It never guesses.
func TestSizeOfShortHead(t *testing.T) {
	for name, c := range wholeFiles(30, 17) {
		size := find([]byte(c.file)).size
		for n := range len(c.file) {
			w, h, err := size([]byte(c.file[:n]))
			if sizeless(c.format, w, h) && err == nil {
				continue // cut between two boxes; Sniff asks for more
			}
			if err != errShort && (err != nil || w != 30 || h != 17) {
				t.Fatalf("%s, %d of %d bytes: %d×%d, %v", name, n, len(c.file), w, h, err)
			}
		}
	}
}

// A size far from the start is found once the head is long enough.
func TestSniffFarSize(t *testing.T) {
	far := map[string]string{
		"JPEG": "\xff\xd8" + strings.Repeat(jpegSegment(0xe2, strings.Repeat("p", 60000)), 3) + jpegFile(30, 17)[2:],
		"AVIF": box("ftyp", "avif"+be32(0)) + box("mdat", strings.Repeat("d", 90000)) + avifFile(30, 17)[28:],
		"AVIF cut between boxes": box("ftyp", "avif"+be32(0)) + box("free", strings.Repeat(" ", 4096-16-8)) +
			avifFile(30, 17)[28:],
		"TIFF": "II*\x00" + le32(90000) + strings.Repeat("\x00", 90000-8) + tiffFile(30, 17)[108:],
	}
	for name, file := range far {
		b := []byte(file)
		if _, err := Sniff(b[:4096], int64(len(b))); err != ErrNeedMore {
			t.Errorf("%s: a head of 4096 bytes gives %v, want ErrNeedMore", name, err)
		}
		if h, err := Sniff(b, int64(len(b))); err != nil || h.Width != 30 || h.Height != 17 {
			t.Errorf("%s: %v, %v", name, h, err)
		}
	}
}

func TestComplete(t *testing.T) {
	for name, c := range wholeFiles(30, 17) {
		t.Run(name, func(t *testing.T) {
			if err := Complete([]byte(c.file), c.format); err != nil {
				t.Fatal(err)
			}
			if c.format != AVIF { // whose bytes are all boxes
				if err := Complete([]byte(c.file+"trailing bytes"), c.format); err != nil {
					t.Errorf("with bytes behind its end: %v", err)
				}
			}
			for n := range len(c.file) {
				err := Complete([]byte(c.file[:n]), c.format)
				if c.format == AVIF && err == nil && n <= len(c.file)-128 {
					continue // cut between two boxes
				}
				if c.format == GIF && err == nil && n == len(c.file)-1 {
					continue // only the trailer is missing
				}
				if c.format == TIFF && err == nil && n >= len(c.file)-4 {
					continue // the link to a second picture
				}
				var refusal *Error
				if !errors.As(err, &refusal) || refusal.Code != CodeTruncatedImage {
					t.Fatalf("cut to %d of %d bytes: %v", n, len(c.file), err)
				}
			}
		})
	}
}

type refusal struct {
	name string
	file []byte
	size int64 // of the file, where that is not len(file)
	code string
	// details in the order format, bytes, reason, width, height, size, limit, why
	details string
}

// refusals lists everything that Sniff refuses.
func refusals() []refusal {
	of := func(name, file, code, details string) refusal {
		return refusal{name, []byte(file), int64(len(file)), code, details}
	}
	hugeWebP := webpLossless(16384, 16384)[:28]
	list := []refusal{
		of("nothing", "", CodeEmptyFile, ""),
		of("one byte", "\xff", CodeNotAnImage, "ff"),
		of("text called .jpg", "Hello, I am a text.\n", CodeNotAnImage, "48 65 6c 6c; text"),
		of("text that begins with BM", "BMW is not a picture, nor is this", CodeNotAnImage, "42 4d 57 20; text"),
		of("text with a cut character", "一\xe4\xb8", CodeNotAnImage, "e4 b8 80 e4; text"),
		of("HTML with a drawing in it", "<!DOCTYPE html><html><svg></svg></html>", CodeNotAnImage,
			"3c 21 44 4f; web-page"),
		of("pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:9c2e\nsize 102531760\n", CodeNotAnImage,
			"76 65 72 73; pointer"),
		{"long binary", make([]byte, 4096), 100 << 20, CodeNotAnImage, "00 00 00 00"},
		of("HEIC", box("ftyp", "heic"+be32(0)+"mif1heic"), CodeUnsupportedFormat, "HEIC"),
		of("HEIC by its second brand", box("ftyp", "????"+be32(0)+"heix"), CodeUnsupportedFormat, "HEIC"),
		of("film", box("ftyp", "isom"+be32(0)+"isommp42"), CodeUnsupportedFormat, "MP4"),
		of("JPEG XL", "\xff\x0a\x00\x00", CodeUnsupportedFormat, "JPEG XL"),
		of("JPEG XL in boxes", "\x00\x00\x00\x0cJXL \r\n\x87\n", CodeUnsupportedFormat, "JPEG XL"),
		of("JPEG 2000", "\x00\x00\x00\x0cjP  \r\n\x87\n", CodeUnsupportedFormat, "JPEG 2000"),
		of("BigTIFF", "II+\x00\x08\x00\x00\x00", CodeUnsupportedFormat, "BigTIFF"),
		of("PSD", "8BPS\x00\x01", CodeUnsupportedFormat, "PSD"),
		of("PDF", "%PDF-1.7\n", CodeUnsupportedFormat, "PDF"),
		of("ICO", "\x00\x00\x01\x00\x01\x00", CodeUnsupportedFormat, "ICO"),
		of("SVG", "<svg xmlns='http://www.w3.org/2000/svg'/>", CodeUnsupportedFormat, "SVG"),
		of("SVG with a prolog", "\xef\xbb\xbf\n<?xml version='1.0'?>\n<!-- x -->\n<svg/>", CodeUnsupportedFormat,
			"SVG"),
		of("JPEG cut before its size", jpegFile(9, 9)[:40], CodeTruncatedImage, "JPEG"),
		of("PNG cut before its size", pngFile(9, 9)[:20], CodeTruncatedImage, "PNG"),
		of("JPEG without a frame", "\xff\xd8"+jpegSegment(markSOS, "\x00"), CodeBrokenImage,
			"JPEG; it has no frame header before its data"),
		of("JPEG with a bad segment", "\xff\xd8\xff\xdb\x00\x01", CodeBrokenImage,
			"JPEG; a segment is shorter than its own length field"),
		of("JPEG without height", jpegFile(9, 0), CodeBrokenImage, "JPEG; it declares a picture without pixels"),
		of("PNG without a header", "\x89PNG\r\n\x1a\n"+pngChunk("IDAT", "datadata"), CodeBrokenImage,
			"PNG; it does not begin with its header chunk"),
		of("PNG without width", pngFile(0, 9), CodeBrokenImage, "PNG; it declares a picture without pixels"),
		of("GIF without pixels", gifFile(0, 0), CodeBrokenImage, "GIF; it declares a picture without pixels"),
		of("WebP of an unknown kind", webpFile("ABCD", "0123456789"), CodeBrokenImage,
			"WebP; its first chunk is of an unknown kind"),
		of("WebP without a key frame", webpFile("VP8 ", "0123456789"), CodeBrokenImage,
			"WebP; it does not begin with a key frame"),
		of("WebP without a signature", webpFile("VP8L", "0123456789"), CodeBrokenImage,
			"WebP; its lossless data has no signature"),
		of("TIFF without a size", "II*\x00"+le32(8)+le16(0)+le32(0), CodeBrokenImage,
			"TIFF; its directory lacks a value"),
		of("TIFF with a size in words", "II*\x00"+le32(8)+le16(1)+le16(tagWidth)+le16(2)+le32(1)+le32(0),
			CodeBrokenImage, "TIFF; a field of its directory has an unknown type"),
		of("AVIF with a box too small", box("ftyp", "avif"+be32(0))+be32(4)+"meta", CodeBrokenImage,
			"AVIF; a box is shorter than its own header"),
		of("AVIF with a box too large", box("ftyp", "avif"+be32(0))+box("meta", be32(0)+be32(99)+"iprp"),
			CodeBrokenImage, "AVIF; a box reaches beyond the box around it"),
		of("28 bytes of WebP", hugeWebP, CodeTooManyPixels, "WebP; 16384; 16384; 64"),
		of("PNG of 100 megapixels", pngFile(10000, 10000), CodeTooManyPixels, "PNG; 10000; 10000; 64"),
		of("PNG just over the limit", pngFile(8000, 8001), CodeTooManyPixels, "PNG; 8000; 8001; 64"),
		of("PNG whose product overflows", pngFile(1<<32-1, 1<<32-1), CodeTooManyPixels,
			"PNG; 4294967295; 4294967295; 64"),
		of("AVIF whose product overflows", avifFile(1<<32-1, 1<<32-1), CodeTooManyPixels,
			"AVIF; 4294967295; 4294967295; 64"),
		of("BMP of the smallest height", bmpFile(3, 0)[:22]+le32(-1<<31)+bmpFile(3, 0)[26:], CodeTooManyPixels,
			"BMP; 3; 2147483648; 64"),
		{"JPEG just over the limit", []byte(jpegFile(9, 9)), MaxBytes + 1, CodeTooManyBytes, "40.1; 40"},
		{"PNG far over the limit", []byte(pngFile(9, 9)), 1 << 30, CodeTooManyBytes, "1024.0; 40"},
	}
	for i := range list {
		// A head that is not the whole file must be long enough to recognise the format.
		if missing := sniffBytes - len(list[i].file); list[i].size > int64(len(list[i].file)) && missing > 0 {
			list[i].file = append(list[i].file, make([]byte, missing)...)
		}
	}
	return list
}

func TestRefusals(t *testing.T) {
	for _, c := range refusals() {
		t.Run(c.name, func(t *testing.T) {
			_, err := Sniff(c.file, c.size)
			var got *Error
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want an *Error", err)
			}
			var details []string
			for _, key := range []string{"format", "bytes", "reason", "width", "height", "size", "limit", "why"} {
				if v, ok := got.Details[key]; ok {
					details = append(details, v)
					if key != "why" && !strings.Contains(got.Message, v) {
						t.Errorf("the message does not say %s %q: %s", key, v, got.Message)
					}
				}
			}
			if len(details) != len(got.Details) {
				t.Errorf("unknown details in %v", got.Details)
			}
			if d := strings.Join(details, "; "); got.Code != c.code || d != c.details {
				t.Errorf("got %s (%s), want %s (%s)", got.Code, d, c.code, c.details)
			}
			sentences := strings.Count(got.Message, ". ") + strings.Count(got.Message, ": ")
			if !strings.HasSuffix(got.Message, ".") || sentences == 0 {
				t.Errorf("the message names no cure: %q", got.Message)
			}
		})
	}
}

// Values at the limits are accepted.
func TestLimits(t *testing.T) {
	b := []byte(pngFile(8000, 8000) + strings.Repeat("\x00", sniffBytes))
	if h, err := Sniff(b, MaxBytes); err != nil || h.Width*h.Height != MaxPixels {
		t.Errorf("%v, %v", h, err)
	}
}

func TestCompleteBroken(t *testing.T) {
	for name, c := range map[string]struct {
		format Format
		file   string
	}{
		"JPEG without a scan":    {JPEG, "\xff\xd8" + jpegFrame(9, 9) + "\xff\xd9"},
		"PNG with a huge chunk":  {PNG, pngFile(9, 9)[:33] + be32(1<<31) + "IDAT\x00\x00\x00\x00"},
		"GIF with a wrong block": {GIF, gifFile(9, 9)[:19] + "\x99"},
		"BMP of no size":         {BMP, bmpFile(0, 0)},
		"TIFF with a wrong type": {TIFF, strings.Replace(tiffFile(9, 9), le16(tagStripAt)+le16(4),
			le16(tagStripAt)+le16(2), 1)},
	} {
		var got *Error
		if err := Complete([]byte(c.file), c.format); !errors.As(err, &got) || got.Code != CodeBrokenImage {
			t.Errorf("%s: %v, want broken-image", name, err)
		}
	}
	var got *Error
	if err := Complete([]byte("%PDF-"), "PDF"); !errors.As(err, &got) || got.Code != CodeUnsupportedFormat {
		t.Errorf("PDF: %v, want unsupported-format", err)
	}
}

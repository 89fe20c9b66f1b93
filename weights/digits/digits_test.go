package digits

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// tiny is two pictures of 2×3 pixels.
var tiny = &Set{
	Height: 2, Width: 3,
	Pixels: []byte{0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255},
	Labels: []byte{7, 3},
}

// tinyFile is tiny's file, byte by byte as the package's comment has it.
const tinyFile = "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00\x03" +
	"\x00\x01\x02\x03\x04\x05\xfa\xfb\xfc\xfd\xfe\xff" +
	"\x00\x00\x08\x01\x00\x00\x00\x02\x07\x03"

// refused lists broken files, and a part of what Parse says.
var refused = []struct{ name, file, says string }{
	{"empty", "", "cut off within a header"},
	{"half a header", tinyFile[:15], "cut off within a header"},
	{"another kind", "\x89PNG" + tinyFile[4:], "begins with 89504e47 instead of 00000803"},
	{"four dimensions", "\x00\x00\x08\x04" + tinyFile[4:], "00000804"},
	{"without height", tinyFile[:8] + "\x00\x00\x00\x00" + tinyFile[12:], "3×0 pixels"},
	{"too wide", tinyFile[:12] + "\x00\x01\x00\x00" + tinyFile[16:], "65536×2 pixels"},
	{"too many", "\x00\x00\x08\x03\xff\xff\xff\xff" + tinyFile[8:], "4294967295 pictures"},
	{"cut in the pictures", tinyFile[:20], "need 12 bytes, and 4 are here"},
	{"more pictures than bytes", "\x00\x00\x08\x03\x00\xff\xff\xff" + tinyFile[8:], "cut off"},
	{"without labels", tinyFile[:28], "cut off within a header"},
	{"pictures again", tinyFile[:28] + tinyFile, "begins with 00000803 instead of 00000801"},
	{"another number of labels", tinyFile[:32] + "\x00\x00\x00\x01\x07", "2 pictures, but 1 labels"},
	{"a label is missing", tinyFile[:len(tinyFile)-1], "1 bytes follow where 2 labels should"},
	{"a byte too many", tinyFile + "\x00", "3 bytes follow"},
}

func TestParse(t *testing.T) {
	s, err := Parse([]byte(tinyFile))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s, tiny) {
		t.Errorf("got %+v", s)
	}
	if s.Len() != 2 || s.Classes() != 8 || !slices.Equal(s.Picture(1), tiny.Pixels[6:]) {
		t.Errorf("%d pictures of %d classes, the second is %v", s.Len(), s.Classes(), s.Picture(1))
	}
	if got := cap(s.Picture(0)); got != 6 {
		t.Errorf("appending to a picture would overwrite the next: its capacity is %d", got)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range refused {
		_, err := Parse([]byte(c.file))
		if !errors.Is(err, ErrFormat) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}

func TestEncode(t *testing.T) {
	if b, err := tiny.Encode(); err != nil || string(b) != tinyFile {
		t.Errorf("got %q, %v", b, err)
	}
	empty := &Set{Height: 1, Width: 1, Pixels: []byte{}, Labels: []byte{}}
	b, err := empty.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if s, err := Parse(b); err != nil || !reflect.DeepEqual(s, empty) || s.Classes() != 0 {
		t.Errorf("an empty set comes back as %+v, %v", s, err)
	}
	for name, s := range map[string]*Set{
		"no height":      {Width: 3},
		"too wide":       {Height: 2, Width: maxSide + 1},
		"a pixel lacks":  {Height: 2, Width: 3, Pixels: tiny.Pixels[1:], Labels: tiny.Labels},
		"a label lacks":  {Height: 2, Width: 3, Pixels: tiny.Pixels, Labels: tiny.Labels[1:]},
		"too many":       {Height: 1, Width: 1, Labels: make([]byte, maxCount+1)},
		"negative width": {Height: 2, Width: -3},
	} {
		if b, err := s.Encode(); err == nil {
			t.Errorf("%s: it became %d bytes", name, len(b))
		}
	}
}

// FuzzParse: a file that Parse takes is what Encode makes of the set.
func FuzzParse(f *testing.F) {
	f.Add([]byte(tinyFile))
	for _, c := range refused {
		f.Add([]byte(c.file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := Parse(file)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatal(err)
			}
			return
		}
		if b, err := s.Encode(); err != nil || !bytes.Equal(b, file) {
			t.Fatalf("%q becomes %q, %v", file, b, err)
		}
		for i := range s.Len() {
			_ = s.Picture(i)
		}
	})
}

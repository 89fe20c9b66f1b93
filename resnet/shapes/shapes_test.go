package shapes

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// draw draws a picture into a buffer that held another.
func draw(s Set, i int) (pix []byte, label int) {
	pix = bytes.Repeat([]byte{77}, s.Len())
	label = s.Draw(pix, i)
	return pix, label
}

// TestGolden compares with pictures that a person has looked at. RESIDUA_GOLDEN=1 writes them anew.
func TestGolden(t *testing.T) {
	const size, columns = 16, 8
	rows := len(Tasks()) * len(Domains())
	img := image.NewNRGBA(image.Rect(0, 0, columns*size, rows*size))
	row := 0
	for _, task := range Tasks() {
		for _, domain := range Domains() {
			for i := range columns {
				s := Set{Task: task, Domain: domain, Size: size, Difficulty: float64(i/2) / 3, Seed: 1}
				pix, _ := draw(s, i)
				for at := range size * size {
					to := img.PixOffset(i*size+at%size, row*size+at/size)
					copy(img.Pix[to:], pix[3*at:][:3])
					img.Pix[to+3] = 255
				}
			}
			row++
		}
	}
	path := filepath.Join("testdata", "sheet.png")
	if os.Getenv("RESIDUA_GOLDEN") != "" {
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			r, g, b, _ := want.At(x, y).RGBA()
			got := img.Pix[img.PixOffset(x, y):][:3]
			if got[0] != byte(r>>8) || got[1] != byte(g>>8) || got[2] != byte(b>>8) {
				t.Fatalf("%v of row %d, picture %d is %v, want %v; RESIDUA_GOLDEN=1 writes %s anew, to be looked at",
					[]int{x % size, y % size}, y/size, x/size, got, want.At(x, y), path)
			}
		}
	}
}

// TestAllSettings draws at every size up to 40, and some larger: nothing panics, and a picture shows something.
func TestAllSettings(t *testing.T) {
	sizes := []int{64, 100, MaxSize}
	for size := MinSize; size <= 40; size++ {
		sizes = append(sizes, size)
	}
	for _, task := range Tasks() {
		for _, domain := range Domains() {
			for _, size := range sizes {
				for i, difficulty := range []float64{0, 0.2, 0.5, 1} {
					s := Set{task, domain, size, difficulty, uint64(size)}
					if err := s.Check(); err != nil {
						t.Fatal(err)
					}
					pix, label := draw(s, i)
					if label != s.Label(i) || label >= len(task.Classes()) {
						t.Errorf("%+v: picture %d is of class %d", s, i, label)
					}
					if lo, hi := slices.Min(pix), slices.Max(pix); hi-lo < 40 {
						t.Errorf("%+v: picture %d has values from %d to %d only", s, i, lo, hi)
					}
				}
			}
		}
	}
}

// TestDecided: a picture depends on nothing but its settings, and on each of them.
func TestDecided(t *testing.T) {
	s := Set{Task: Form, Domain: Filled, Size: 16, Difficulty: 0.5, Seed: 3}
	first, _ := draw(s, 5)
	draw(s, 1)
	if again, _ := draw(s, 5); !bytes.Equal(first, again) {
		t.Error("the same picture is another one the second time")
	}
	for name, other := range map[string]Set{
		"task":       {Colour, Filled, 16, 0.5, 3},
		"domain":     {Form, Outlined, 16, 0.5, 3},
		"difficulty": {Form, Filled, 16, 0.6, 3},
		"seed":       {Form, Filled, 16, 0.5, 4},
	} {
		if pix, _ := draw(other, 5); bytes.Equal(pix, first) {
			t.Errorf("another %s gives the same picture", name)
		}
	}
	seen := map[string]int{}
	for i := range 500 {
		pix, _ := draw(s, i)
		if j, ok := seen[string(pix)]; ok {
			t.Fatalf("pictures %d and %d are the same", j, i)
		}
		seen[string(pix)] = i
	}
}

// TestBalance: every run of as many pictures as there are classes has each class once, in changing order.
func TestBalance(t *testing.T) {
	for _, task := range Tasks() {
		s := Set{Task: task, Domain: Filled, Size: 16, Seed: 9}
		n := len(task.Classes())
		orders := map[string]bool{}
		for run := range 50 {
			var order []byte
			for i := range n {
				order = append(order, byte(s.Label(run*n+i)))
			}
			orders[string(order)] = true
			slices.Sort(order)
			for i, label := range order {
				if int(label) != i {
					t.Fatalf("%s: run %d has the classes %v", task, run, order)
				}
			}
		}
		if len(orders) < 2 {
			t.Errorf("%s: the classes always come in the same order", task)
		}
	}
}

func TestCheck(t *testing.T) {
	good := Set{Task: Form, Domain: Filled, Size: 16, Difficulty: 0.5}
	for says, change := range map[string]func(*Set){
		`no task "forms"; there are form, colour,`:     func(s *Set) { s.Task = "forms" },
		`no domain ""; there are filled, outlined`:     func(s *Set) { s.Domain = "" },
		"8 to 512 pixels a side, not 7":                func(s *Set) { s.Size = 7 },
		"8 to 512 pixels a side, not 513":              func(s *Set) { s.Size = 513 },
		"the difficulty is a number from 0 to 1":       func(s *Set) { s.Difficulty = 1.01 },
		"shapes: the difficulty is a number from 0 to": func(s *Set) { s.Difficulty = math.NaN() },
	} {
		s := good
		change(&s)
		err := s.Check()
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want %q", s, err, says)
			continue
		}
		func() {
			defer func() {
				if got := recover(); got != err.Error() {
					t.Errorf("Draw panics with %v, want %v", got, err)
				}
			}()
			s.Draw(nil, 0)
		}()
	}
	for name, call := range map[string]func(){
		"a short buffer":   func() { good.Draw(make([]byte, good.Len()-1), 0) },
		"a negative index": func() { good.Draw(make([]byte, good.Len()), -1) },
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, "buffer must have Size × Size × 3 bytes") {
					t.Errorf("%s: panics with %q", name, got)
				}
			}()
			call()
		}()
	}
	if Task("forms").Classes() != nil {
		t.Error("a task that does not exist has classes")
	}
}

func BenchmarkDraw(b *testing.B) {
	for _, domain := range Domains() {
		b.Run(string(domain), func(b *testing.B) {
			s := Set{Task: Form, Domain: domain, Size: 32, Difficulty: 0.5}
			pix := make([]byte, s.Len())
			for i := range b.N {
				s.Draw(pix, i)
			}
		})
	}
}

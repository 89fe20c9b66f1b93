package mnist

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights/digits"
	"github.com/seed8935e608/residua/weights/npm/npmtest"
)

func TestMain(m *testing.M) { npmtest.Main(m) }

// tinySet is two classes of two pictures, each of one grey value.
func tinySet() *digits.Set {
	s := &digits.Set{Height: side, Width: side, Labels: []byte{0, 0, 1, 1}}
	for _, grey := range []byte{0, 38, 253, 255} {
		s.Pixels = append(s.Pixels, bytes.Repeat([]byte{grey}, side*side)...)
	}
	return s
}

// text is a class's file, as the package writes pixels. Each grey value is one picture.
func text(greys ...byte) string {
	var values []string
	for _, grey := range greys {
		value := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.3f", float64(grey)/255), "0"), ".")
		for range side * side {
			values = append(values, value)
		}
	}
	return `{ "data": [` + strings.Join(values, ",") + "] }"
}

// tiny is a made-up package with tinySet, and a third picture of each class that is not wanted.
func tiny(files map[string]string) (source, npmtest.Served) {
	content := map[string][]byte{}
	var entries []tar.Header
	for _, name := range []string{"package/README.md", "package/d/1.json", "package/d/0.json"} {
		if text, ok := files[name]; ok {
			content[name] = []byte(text)
			entries = append(entries, tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(text))})
		}
	}
	tarball := npmtest.Tarball(entries, content)
	file, err := tinySet().Encode()
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(file)
	s := source{pkg: npmtest.Pin("tiny@1.0.0", tarball), path: "package/d/%d.json", classes: 2, perClass: 2,
		sha256: hex.EncodeToString(sum[:])}
	return s, npmtest.Served{Package: s.pkg, Tarball: tarball}
}

func tinyFiles() map[string]string {
	return map[string]string{
		"package/README.md": "# Tiny",
		"package/d/0.json":  text(0, 38, 1),
		"package/d/1.json":  text(253, 255, 2),
	}
}

func TestWrite(t *testing.T) {
	s, served := tiny(tinyFiles())
	calls := npmtest.Use(t, npmtest.Deliver, served)
	cache, log := npmtest.NewCache(t)
	dir := filepath.Join(t.TempDir(), "digits")
	about, err := write(t.Context(), cache, dir, s)
	if err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		file, err := os.ReadFile(filepath.Join(dir, FileName))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := digits.Parse(file); err != nil || !reflect.DeepEqual(got, tinySet()) {
			t.Errorf("the file holds other digits, or %v", err)
		}
		list, err := os.ReadFile(filepath.Join(dir, ListName))
		if err != nil {
			t.Fatal(err)
		}
		var said About
		if err := json.Unmarshal(list, &said); err != nil || !reflect.DeepEqual(said, about) {
			t.Errorf("the list says %s, %v", list, err)
		}
		if names := npmtest.Files(t, dir); !slices.Equal(names, []string{FileName, ListName}) {
			t.Errorf("the folder holds %q", names)
		}
	}
	check()
	if about.Count != 4 || about.PerClass != 2 || !slices.Equal(about.Classes, []string{"0", "1"}) ||
		about.File != FileName || about.Height != side || about.Width != side {
		t.Errorf("it says of itself %+v", about)
	}
	if !strings.Contains(log.String(), "wrote 4 pictures") {
		t.Errorf("the log says %q", log)
	}

	// A second run needs nothing, not even the cache.
	empty, log := npmtest.NewCache(t)
	if _, err := write(t.Context(), empty, dir, s); err != nil || !strings.Contains(log.String(), "up to date") {
		t.Errorf("the second run: %v, %q", err, log)
	}
	check()
	// A damaged file is made again.
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte("digits"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := write(t.Context(), cache, dir, s); err != nil {
		t.Error(err)
	}
	check()
	if got := calls(); !slices.Equal(got, []string{"pack tiny@1.0.0"}) {
		t.Errorf("npm was called with %q", got)
	}
}

func TestWriteRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		file string // of class 1; empty: there is none
		says string
	}{
		"missing":       {"", "tiny@1.0.0 has no package/d/1.json"},
		"no JSON":       {"digits", "package/d/1.json in tiny@1.0.0: invalid character"},
		"cut off":       {`{"data": [0, 1, 0.5]}`, "ends within a picture"},
		"too few":       {text(253), "it has 1 pictures, and 2 are wanted"},
		"too bright":    {strings.Replace(text(253, 255), "1", "1.1", 1), "1.1 is no pixel"},
		"negative":      {strings.Replace(text(253, 255), "1", "-0.2", 1), "-0.2 is no pixel"},
		"between bytes": {strings.Replace(text(253, 255), "1", "0.502", 1), "the SHA-256"},
		"not rounded":   {strings.Replace(text(253, 255), "1", "0.5", 1), "0.5 is no pixel"},
		"others":        {text(253, 254), "must look at them and pin the new one"},
	} {
		files := tinyFiles()
		if files["package/d/1.json"] = c.file; c.file == "" {
			delete(files, "package/d/1.json")
		}
		s, served := tiny(files)
		npmtest.Use(t, npmtest.Deliver, served)
		cache, _ := npmtest.NewCache(t)
		dir := filepath.Join(t.TempDir(), "digits")
		_, err := write(t.Context(), cache, dir, s)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s: something was written", name)
		}
	}
}

// TestWriteDigits checks the real digits: their number, their size, and that the labels are theirs: most pictures are
// nearer to the mean of their class than to that of another. That holds for 80 % of them; with labels at random it
// would hold for about 10 %.
func TestWriteDigits(t *testing.T) {
	dir := t.TempDir()
	about, err := Write(t.Context(), dir, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{about.Title, about.Credit, about.License, about.LicenseURL, about.Source} {
		if text == "" {
			t.Errorf("a word is missing: %+v", about)
		}
	}
	file, err := os.ReadFile(filepath.Join(dir, about.File))
	if err != nil {
		t.Fatal(err)
	}
	if len(file) > 2.5e6 {
		t.Errorf("a visitor would fetch %d bytes", len(file))
	}
	set, err := digits.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	if set.Len() != about.Count || set.Len() != 3000 || set.Height != about.Height || set.Width != about.Width ||
		set.Classes() != len(about.Classes) || set.Classes() != 10 {
		t.Fatalf("%d pictures of %d classes; it says %+v", set.Len(), set.Classes(), about)
	}
	var means [10][side * side]float64
	for i, label := range set.Labels {
		if int(label) != i/about.PerClass {
			t.Fatalf("picture %d is a %d", i, label)
		}
		for j, v := range set.Picture(i) {
			means[label][j] += float64(v) / float64(about.PerClass)
		}
	}
	right := 0
	for i, label := range set.Labels {
		best, least := 0, 0.0
		for class := range means {
			sum := 0.0
			for j, v := range set.Picture(i) {
				d := float64(v) - means[class][j]
				sum += d * d
			}
			if class == 0 || sum < least {
				best, least = class, sum
			}
		}
		if best == int(label) {
			right++
		}
	}
	t.Logf("%d of 3000 are nearest to the mean of their class", right)
	if right < 2250 {
		t.Errorf("%d of 3000 are nearest to the mean of their class", right)
	}
}

//go:build !js

// Under js the browser decodes pictures, so imageio has no decoder for this test.

package starters

import (
	"image"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet/imageio"
)

// TestKinds checks what the comment on kinds says.
func TestKinds(t *testing.T) {
	slug := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`) // names become paths, and words for users
	code := regexp.MustCompile(`^[0-9a-f]{4,5}(-fe0f)?$`)
	seen := map[string]bool{}
	once := func(name string) {
		if seen[name] {
			t.Errorf("%s stands twice in the table", name)
		}
		seen[name] = true
	}
	if len(kinds) != 6 {
		t.Errorf("%d classes, want 6", len(kinds))
	}
	for _, k := range kinds {
		once(k.name)
		if len(k.things) != len(kinds[0].things) {
			t.Errorf("%s has %d things, %s has %d", k.name, len(k.things), kinds[0].name, len(kinds[0].things))
		}
		for _, x := range k.things {
			once(x.name)
			once(x.code)
			if !slug.MatchString(x.name) || !code.MatchString(x.code) {
				t.Errorf("%s: %q is no name or %q no code points", k.name, x.name, x.code)
			}
		}
	}
}

// TestWriteEmoji checks the real sets: both show the same things, every picture can be given to the network, and no two
// are nearly the same.
func TestWriteEmoji(t *testing.T) {
	dir := t.TempDir()
	sets, err := Write(t.Context(), dir, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if len(sets) != 2 || sets[0].Role != "train" || sets[1].Role != "test" {
		t.Fatalf("the sets are %+v", sets)
	}
	var things [2][]string
	var total int64
	for i, set := range sets {
		for _, text := range []string{set.Title, set.Credit, set.License, set.LicenseURL, set.Source} {
			if text == "" {
				t.Errorf("%s lacks a word: %+v", set.ID, set)
			}
		}
		var names []string
		var small [][]float64
		for _, class := range set.Classes {
			for _, name := range class.Pictures {
				file, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
				if err != nil {
					t.Fatal(err)
				}
				img, err := imageio.Decode(file)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if size := img.Rect.Size(); size.X != size.Y || size.X < 64 || size.X > 256 {
					t.Errorf("%s is %v", name, size)
				}
				total += int64(len(file))
				names, small = append(names, name), append(small, shrink(img))
				plain, _ := strings.CutPrefix(strings.TrimSuffix(name, filepath.Ext(name)), set.ID)
				things[i] = append(things[i], plain)
			}
		}
		// Among the renderings that kinds leaves out, the two post offices differ by 3.6 of 255 on average, two hours
		// of the clock by 5.9, two grinning faces by 7.5. The nearest two in the list, the canoe and the speedboat,
		// differ by 14.4.
		for a := range small {
			for b := range a {
				if d := difference(small[a], small[b]); d < 10 {
					t.Errorf("%s and %s differ by %.1f of 255 only", names[a], names[b], d)
				}
			}
		}
	}
	if !slices.Equal(things[0], things[1]) {
		t.Errorf("the sets show different things:\n%q\n%q", things[0], things[1])
	}
	if total > 2e6 {
		t.Errorf("a visitor would fetch %d bytes", total)
	}
}

// shrink computes the 16×16 mean colours of a square picture.
func shrink(img *image.NRGBA) []float64 {
	const side = 16
	cell := img.Rect.Dx() / side
	small := make([]float64, side*side*3)
	for y := range side * cell {
		for x := range side * cell {
			for c := range 3 {
				small[(y/cell*side+x/cell)*3+c] += float64(img.Pix[img.PixOffset(x, y)+c]) / float64(cell*cell)
			}
		}
	}
	return small
}

// difference is the mean absolute difference of the values.
func difference(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += max(a[i]-b[i], b[i]-a[i])
	}
	return sum / float64(len(a))
}

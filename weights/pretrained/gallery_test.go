package pretrained

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights/npm/npmtest"
)

// picture is a JPEG of that size.
func picture(width, height int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// tinyCollection is a made-up package with two photographs, and others that the collection does not name.
func tinyCollection() (collection, []byte) {
	content := map[string][]byte{
		"package/img-barn/data/image.jpg":     picture(30, 20),
		"package/img-alp/data/image.jpg":      picture(8, 9),
		"package/img-secret/data/image.jpg":   picture(1, 1),
		"package/img-alp/docs/data/image.jpg": []byte("no"),
	}
	var entries []tar.Header
	for _, name := range []string{"package/img-alp/data/image.jpg", "package/img-alp/docs/data/image.jpg",
		"package/img-barn/data/image.jpg", "package/img-secret/data/image.jpg"} {
		entries = append(entries, tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(content[name]))})
	}
	tarball := npmtest.Tarball(entries, content)
	sum := func(name string) string {
		s := sha256.Sum256(content["package/img-"+name+"/data/image.jpg"])
		return hex.EncodeToString(s[:])
	}
	return collection{
		pkg:     npmtest.Pin("@tiny/photos@1.0.0", tarball),
		credit:  "Courtesy of nobody",
		license: "CC0 1.0",
		photos: []photo{
			{"barn", sum("barn"), "Barn", "A grey barn.", Words{"谷仓", "灰色的谷仓。"}, "Ann", "https://example.org/barn?a&b"},
			{"alp", sum("alp"), "Alp", "A grey alp.", Words{"高山", "灰色的高山。"}, "Bob", "https://example.org/alp"},
		},
	}, tarball
}

func TestGallery(t *testing.T) {
	c, tarball := tinyCollection()
	calls := npmtest.Use(t, npmtest.Deliver, npmtest.Served{Package: c.pkg, Tarball: tarball})
	s, _ := newStore(t)
	dir := filepath.Join(t.TempDir(), "samples")
	samples, err := s.gallery(t.Context(), dir, c)
	if err != nil {
		t.Fatal(err)
	}
	want := []Sample{
		{"barn.jpg", 30, 20, "Barn", "A grey barn.", "Ann. Courtesy of nobody", "CC0 1.0",
			"https://example.org/barn?a&b", Words{"谷仓", "灰色的谷仓。"}},
		{"alp.jpg", 8, 9, "Alp", "A grey alp.", "Bob. Courtesy of nobody", "CC0 1.0", "https://example.org/alp",
			Words{"高山", "灰色的高山。"}},
	}
	if !reflect.DeepEqual(samples, want) {
		t.Errorf("got %+v, want %+v", samples, want)
	}
	if got := npmtest.Files(t, dir); !slices.Equal(got, []string{"alp.jpg", "barn.jpg", "samples.json"}) {
		t.Errorf("the folder holds %q", got)
	}
	text := read(t, filepath.Join(dir, samplesName))
	var listed []Sample
	if err := json.Unmarshal(text, &listed); err != nil || !reflect.DeepEqual(listed, want) {
		t.Errorf("samples.json holds %+v, %v", listed, err)
	}
	if !bytes.Equal(read(t, filepath.Join(dir, "barn.jpg")), picture(30, 20)) {
		t.Error("barn.jpg is not the photograph")
	}

	// A second run downloads nothing; a damaged file is repaired from the cache.
	s2, log := newStore(t)
	if again, err := s2.gallery(t.Context(), dir, c); err != nil || !reflect.DeepEqual(again, want) ||
		!strings.Contains(log.String(), "up to date") {
		t.Errorf("the second run gives %+v, %v, %q", again, err, log)
	}
	for name, b := range map[string][]byte{"barn.jpg": picture(1, 1), "alp.jpg": nil, samplesName: []byte("[]")} {
		good := read(t, filepath.Join(dir, name))
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := s.gallery(t.Context(), dir, c); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(read(t, filepath.Join(dir, name)), good) {
			t.Errorf("%s was not repaired", name)
		}
	}
	if got := calls(); len(got) != 1 {
		t.Errorf("npm was called with %q", got)
	}
}

func TestGalleryRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*collection)
		want   string
	}{
		{"another photograph", func(c *collection) { c.photos[0].sha256 = strings.Repeat("0", 64) },
			"photograph barn in @tiny/photos@1.0.0 is not the pinned one"},
		{"a photograph is missing", func(c *collection) { c.photos[1].name = "dock" }, "no photograph dock"},
	} {
		t.Run(c.name, func(t *testing.T) {
			photos, tarball := tinyCollection()
			c.change(&photos)
			npmtest.Use(t, npmtest.Deliver, npmtest.Served{Package: photos.pkg, Tarball: tarball})
			s, _ := newStore(t)
			dir := filepath.Join(t.TempDir(), "samples")
			if _, err := s.gallery(t.Context(), dir, photos); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("something was written: %v", err)
			}
		})
	}
}

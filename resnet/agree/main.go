//go:build !js

// Command agree classifies a folder of labelled photos with two files of the same network, and reports how far the
// second one's answers differ from the first one's:
//
//	go run ./resnet/agree DIR FIRST.safetensors SECOND.safetensors
//
// DIR/labels.tsv has a heading, then lines FILE<tab>CLASS. The command prints a line for each photo whose best class
// differs. Last it prints how many answers of each are right, how many best classes are the same, and the largest and
// the median change of a probability, where a photo's change is the largest over all classes.
package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/imageio"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: agree DIR FIRST.safetensors SECOND.safetensors")
		os.Exit(2)
	}
	if err := run(os.Stdout, os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "agree:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, dir, first, second string) error {
	photos, err := list(dir)
	if err != nil {
		return err
	}
	a, err := answers(first, dir, photos)
	if err != nil {
		return err
	}
	b, err := answers(second, dir, photos)
	if err != nil {
		return err
	}
	same, where := 0, ""
	var changes []float64 // the largest of each photo
	var right [2]int
	for i, photo := range photos {
		p, q := a[i], b[i]
		if len(p) != len(q) {
			return fmt.Errorf("the networks have %d and %d classes", len(p), len(q))
		}
		change := 0.0
		for class := range p {
			change = max(change, math.Abs(p[class]-q[class]))
		}
		if len(changes) == 0 || change > slices.Max(changes) {
			where = photo.file
		}
		changes = append(changes, change)
		was, is := best(p), best(q)
		if was == is {
			same++
		} else {
			fmt.Fprintf(w, "%s\tclass %d (%.4f) became %d (%.4f)\n", photo.file, was, p[was], is, q[is])
		}
		for j, found := range []int{was, is} {
			if found == photo.class {
				right[j]++
			}
		}
	}
	slices.Sort(changes)
	n := len(photos)
	_, err = fmt.Fprintf(w, "right %d/%d and %d/%d, same best class %d/%d, largest change of a probability %.4f "+
		"(%s), median %.4f\n",
		right[0], n, right[1], n, same, n, changes[n-1], where, changes[n/2])
	return err
}

// photo is a line of labels.tsv.
type photo struct {
	file  string
	class int
}

func list(dir string) ([]photo, error) {
	text, err := os.ReadFile(filepath.Join(dir, "labels.tsv"))
	if err != nil {
		return nil, err
	}
	var photos []photo
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		file, class, ok := strings.Cut(strings.TrimSpace(line), "\t")
		number, err := strconv.Atoi(class)
		if !ok || err != nil || filepath.Base(file) != file {
			return nil, fmt.Errorf("line %d of labels.tsv, %q, is not a file of the folder and the number of a class",
				i+2, line)
		}
		photos = append(photos, photo{file, number})
	}
	if len(photos) == 0 {
		return nil, errors.New("labels.tsv lists no photo")
	}
	return photos, nil
}

// answers gives the probabilities of all classes for each photo. It drops the network when it returns: memory may not
// hold two.
func answers(path, dir string, photos []photo) ([][]float64, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := resnet.Load(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	spec := imageio.SpecFor(m.Card)
	var all [][]float64
	for _, photo := range photos {
		picture, err := os.ReadFile(filepath.Join(dir, photo.file))
		if err != nil {
			return nil, err
		}
		x, err := imageio.Load(picture, spec)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", photo.file, err)
		}
		all = append(all, m.Probabilities(m.Forward(x, nil).Logits))
	}
	return all, nil
}

// best is the first of the most probable classes.
func best(p []float64) int {
	at := 0
	for i := range p {
		if p[i] > p[at] {
			at = i
		}
	}
	return at
}

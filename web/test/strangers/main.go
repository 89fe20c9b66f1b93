// Command strangers measures "none of these" on features that web/test/strangers.mjs computes, a set of pictures on
// each line of its input. For each number of classes and of pictures a class it teaches some of a set's classes several
// times, chosen at random, and asks about all other pictures of the set.
//
// The columns are how many of the pictures that were answered rightly were called "none of these", and how many of the
// strangers, in per cent: with the rule before (the ⌈(n+1)·0.95⌉-th smallest of any number n of held-out distances),
// with a tolerance limit alone, and with what is done now, which also wants that no class is likely. Where the next
// set has the same classes, drawn otherwise, the last three columns are about the right answers to its pictures.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/seed8935e608/residua/resnet/transfer"
)

// rounds is how often each setting is taught, of other classes and pictures.
const rounds = 10

// keep is the part of the classes' own pictures that "none of these" must not be said of.
const keep = 0.95

// A set is pictures with their classes.
type set struct {
	Title    string
	Classes  []string
	Labels   []int
	Features [][]float32
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	var sets []set
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			break
		}
		var s set
		if err == nil {
			err = json.Unmarshal(line, &s)
		}
		if err != nil {
			log.Fatal(err)
		}
		sets = append(sets, s)
	}
	for i, s := range sets {
		var other *set
		if next := i + 1; next < len(sets) && slices.Equal(sets[next].Classes, s.Classes) {
			other = &sets[next]
		}
		if err := s.measure(other); err != nil {
			log.Fatal(err)
		}
	}
}

// A rate counts the pictures that something was said of.
type rate struct{ said, of int }

func (r rate) String() string {
	if r.of == 0 {
		return "    –"
	}
	return fmt.Sprintf("%5.1f", 100*float64(r.said)/float64(r.of))
}

// add counts the answers that a rule calls "none of these".
func (r *rate) add(none bool) {
	r.of++
	if none {
		r.said++
	}
}

// A row is what each rule says: of pictures of the classes that are answered rightly, of strangers, and of the right
// ones in another set.
type row struct{ right, strangers, otherwise [3]rate }

// measure prints the table of a set. other has the same classes in another style, or is nil.
func (s *set) measure(other *set) error {
	fmt.Printf("%s\n%22s  %-23s  %-23s", s.Title, "", "right answers", "strangers")
	if other != nil {
		fmt.Printf("  right answers to %s", other.Title)
	}
	fmt.Printf("\nclasses × pictures    %s  %s\n", " before  limit    now ", " before  limit    now")
	fewest := len(s.Labels)
	for class := range s.Classes {
		fewest = min(fewest, len(s.of(class)))
	}
	for _, classes := range []int{2, 3, 5, 8} {
		for _, pictures := range []int{4, 8, 16, 20, 32} {
			if classes >= len(s.Classes) || pictures >= fewest {
				continue
			}
			var sum row
			for round := range uint64(rounds) {
				if err := s.teach(&sum, rand.New(rand.NewPCG(round, uint64(100*classes+pictures))), classes, pictures,
					other); err != nil {
					return err
				}
			}
			fmt.Printf("%7d × %-2d %4d    %s  %s  %s   %s  %s  %s", classes, pictures, classes*pictures,
				sum.right[0], sum.right[1], sum.right[2], sum.strangers[0], sum.strangers[1], sum.strangers[2])
			if other != nil {
				fmt.Printf("   %s  %s  %s", sum.otherwise[0], sum.otherwise[1], sum.otherwise[2])
			}
			fmt.Println()
		}
	}
	return nil
}

// of are the pictures of a class.
func (s *set) of(class int) (pictures []int) {
	for i, label := range s.Labels {
		if label == class {
			pictures = append(pictures, i)
		}
	}
	return pictures
}

// teach teaches some classes with some pictures each, and counts what is said of the others.
func (s *set) teach(sum *row, r *rand.Rand, classes, pictures int, other *set) error {
	chosen := r.Perm(len(s.Classes))[:classes]
	l := transfer.Lesson{Method: transfer.MethodHead, D: len(s.Features[0])}
	learn := func(i, label int, side transfer.Side) {
		l.Features = append(l.Features, s.Features[i]...)
		l.Labels, l.Sides = append(l.Labels, label), append(l.Sides, side)
	}
	var asked []int
	for label, class := range chosen {
		l.Classes = append(l.Classes, s.Classes[class])
		theirs := s.of(class)
		r.Shuffle(len(theirs), func(i, j int) { theirs[i], theirs[j] = theirs[j], theirs[i] })
		for k, i := range theirs[:pictures] {
			side := transfer.Training
			if k%4 == 0 {
				side = transfer.Validation
			}
			learn(i, label, side)
		}
		asked = append(asked, theirs[pictures:]...)
	}
	report, err := transfer.Teach(context.Background(), l, nil)
	if err != nil {
		return err
	}
	rules := newRules(report.Taught.Head, transfer.Examples{
		X: l.Features, Labels: l.Labels, D: l.D, Classes: classes,
	})
	for class := range s.Classes {
		if !slices.Contains(chosen, class) {
			asked = append(asked, s.of(class)...)
		}
	}
	for _, i := range asked {
		rules.count(s.Features[i], slices.Index(chosen, s.Labels[i]), &sum.right, &sum.strangers)
	}
	if other != nil {
		var strangers [3]rate
		for i, x := range other.Features {
			rules.count(x, slices.Index(chosen, other.Labels[i]), &sum.otherwise, &strangers)
		}
	}
	return nil
}

// rules are the ways to say "none of these" that are compared.
type rules struct {
	head *transfer.Head
	// before is a threshold at the place where it was put before there had to be evidence.
	before *transfer.Threshold
}

func newRules(head *transfer.Head, examples transfer.Examples) rules {
	var distances []float64
	for i := range examples.Labels {
		rest := slices.Delete(seq(examples.Len()), i, i+1)
		distances = append(distances, meansOf(examples.Subset(rest)).Distances(examples.Row(i))...)
	}
	slices.Sort(distances)
	n := len(distances)
	before := meansOf(examples)
	before.Limit = distances[min(int(math.Ceil(float64(n+1)*keep)), n)-1]
	return rules{head, before}
}

// count counts what the rules say of a picture, whose class is -1 for a stranger.
func (r rules) count(x []float32, class int, right, strangers *[3]rate) {
	answer := r.head.Predict(x)[0]
	to := strangers
	if class >= 0 {
		if to = right; answer.Likeliest != class {
			return
		}
	}
	to[0].add(r.before.Outliers(x)[0])
	to[1].add(answer.Unlike)
	to[2].add(answer.Class == transfer.None)
}

// meansOf is a threshold of examples, without a limit: the means of each class's unit vectors.
func meansOf(e transfer.Examples) *transfer.Threshold {
	t := &transfer.Threshold{D: e.D, Means: make([]float32, e.Classes*e.D)}
	for i, label := range e.Labels {
		length := norm(e.Row(i))
		for k, v := range e.Row(i) {
			t.Means[label*e.D+k] += v / length
		}
	}
	for class := range e.Classes {
		mean := t.Means[class*e.D:][:e.D]
		length := norm(mean)
		for k := range mean {
			mean[k] /= length
		}
	}
	return t
}

func norm(x []float32) float32 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return float32(math.Sqrt(sum))
}

// seq is 0 to n-1.
func seq(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

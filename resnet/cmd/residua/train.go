//go:build !js

package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed8935e608/residua/internal/wholefile"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/resnet/train"
	"github.com/seed8935e608/residua/weights"
)

// A session is a training on its way.
type session struct {
	*options
	log         io.Writer
	classes     []string
	learn, held *pictures
	card        weights.Card
	net         *train.Net
	trainer     *train.Trainer
	digest      string // of the pictures to learn from
}

// train does what the command line asks for.
func (o *options) train(ctx context.Context, log io.Writer) error {
	s := &session{options: o, log: log}
	if err := s.checkState(); err != nil {
		return err
	}
	if err := s.read(ctx); err != nil {
		return err
	}
	if err := s.begin(); err != nil {
		return err
	}
	if err := s.learnAll(ctx); err != nil {
		return err
	}
	return s.finish()
}

func (s *session) printf(format string, args ...any) { fmt.Fprintf(s.log, format+"\n", args...) }

// state is the file that a training is saved in.
func (s *session) state() string { return s.out + ".state" }

// checkState refuses to lose a training that was stopped, and to go on where there is none. It also finds out early
// that the files cannot be written.
func (s *session) checkState() error {
	_, err := os.Stat(s.state())
	switch {
	case err == nil && !s.resume:
		return fmt.Errorf("%s is a training that was stopped: add -resume to go on with it, or delete it", s.state())
	case errors.Is(err, fs.ErrNotExist) && s.resume:
		return fmt.Errorf("there is no %s to go on with: leave -resume out", s.state())
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(s.out), wholefile.TempPrefix+"*")
	if err != nil {
		return fmt.Errorf("nothing can be written beside %s: %w", s.out, err)
	}
	f.Close()
	return os.Remove(f.Name())
}

// read reads the pictures.
func (s *session) read(ctx context.Context) error {
	f, err := scan(s.dir, s.options.held, s.seed)
	if err != nil {
		return err
	}
	for _, note := range f.notes {
		s.printf("%s", note)
	}
	if len(f.classes) < 2 {
		return fmt.Errorf("there is only one class, %s; it takes two or more to tell them apart", f.classes[0])
	}
	s.classes = f.classes
	if err := s.checkMemory(len(f.learn), len(f.learn)+len(f.held)); err != nil {
		return err
	}
	s.card = weights.Card{
		Model: modelName(s.out), Title: strings.TrimSuffix(filepath.Base(s.out), filepath.Ext(s.out)),
		InputSize: s.size, ShortSide: s.size, Interpolation: string(imageio.Bilinear),
		ChannelOrder: string(imageio.RGB), Rescale: 1. / 255, Labels: s.classes,
		Source: "trained by residua train, " + s.preset,
	}
	spec := imageio.SpecFor(s.card)
	report := func(text string) { s.printf("%s", text) }
	sides, err := load(ctx, spec, report, f.learn, f.held)
	if errors.Is(err, context.Canceled) {
		s.printf("stopped before the training began: there is nothing to go on with")
		return errStopped
	}
	if err != nil {
		return err
	}
	s.learn, s.held = sides[0], sides[1]
	if len(s.learn.labels) == 0 {
		return fmt.Errorf("nothing can be learnt from %s: %w", s.dir, errNoPictures)
	}
	for label, class := range s.classes {
		if !slices.Contains(s.learn.labels, label) {
			return fmt.Errorf("the class %s has no picture that can be read; add some, or remove its folder", class)
		}
	}
	s.card.Mean, s.card.Std = s.learn.statistics()
	s.learn.spec = imageio.SpecFor(s.card)
	s.held.spec = s.learn.spec
	s.digest = s.learn.digest()
	s.printf("%d pictures of %d classes: %d to learn from, %d held out", len(s.learn.labels)+len(s.held.labels),
		len(s.classes), len(s.learn.labels), len(s.held.labels))
	if _, err := s.card.Encode(); err != nil { // a folder's name that can be no label
		return err
	}
	return nil
}

// limit is how many bytes the network may take, and the pictures.
func (s *session) limit() int64 { return int64(s.memory * (1 << 30)) }

// network is what the network is made of and with.
func (s *session) network(learn int) (resnet.Config, train.Options, error) {
	c, err := resnet.Preset(s.preset)
	c.Classes = len(s.classes)
	return c, train.Options{Height: s.size, Width: s.size, Batch: min(s.batch, learn), Seed: s.seed,
		ZeroLast: s.startAtShort, MemoryLimit: s.limit()}, err
}

// checkMemory refuses what would take too much memory, before any picture is read.
func (s *session) checkMemory(learn, all int) error {
	c, o, err := s.network(learn)
	if err != nil {
		return err
	}
	bytes, err := train.Memory(c, o)
	if err != nil {
		return err
	}
	if bytes > s.limit() {
		return fmt.Errorf("%w (-preset, -size, -batch); -memory allows more",
			&train.MemoryError{Bytes: bytes, Limit: s.limit()})
	}
	if bytes := int64(all) * int64(s.size) * int64(s.size) * 3; bytes > s.limit() {
		return fmt.Errorf("%d pictures of %d×%d take %.1f GiB, and -memory allows %v", all, s.size, s.size,
			float64(bytes)/(1<<30), s.memory)
	}
	return nil
}

// digest tells pictures and their labels from others.
func (p *pictures) digest() string {
	sum := sha256.New()
	for i, rgb := range p.rgb {
		binary.Write(sum, binary.LittleEndian, uint32(p.labels[i]))
		sum.Write(rgb)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// modelName makes a model's name of a file's.
func modelName(path string) string {
	name := strings.ToLower(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '-'
	}, name)
	name = strings.Trim(name[:min(len(name), 64)], "-.")
	if name == "" {
		return "trained"
	}
	return name
}

// begin makes the network and its training, or takes up one that was stopped.
func (s *session) begin() error {
	c, o, err := s.network(len(s.learn.labels))
	if err != nil {
		return err
	}
	if s.net, err = train.New(c, o); err != nil {
		return err
	}
	s.net.Watch = false
	settings := s.settings(len(s.learn.labels))
	settings.Batch = s.net.Batch()
	if s.trainer, err = train.NewTrainer(s.net, s.learn.of(), settings); err != nil {
		return err
	}
	s.printf("%s for pictures of %d×%d: %d parameters, %d steps", s.preset, s.size, s.size, s.net.Parameters(),
		settings.Steps)
	if !s.resume {
		return nil
	}
	state, err := os.ReadFile(s.state())
	if err != nil {
		return err
	}
	f, err := weights.Parse(state)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", s.state(), err)
	}
	if f.Metadata[digestKey] != s.digest {
		return fmt.Errorf("%s is of other pictures or another -size: it goes on only with those it began with",
			s.state())
	}
	if err := s.trainer.RestoreFile(f); errors.Is(err, train.ErrOtherTraining) {
		return fmt.Errorf("%s is of a training with other settings: give those again that it began with", s.state())
	} else if err != nil {
		return fmt.Errorf("%s cannot be read: %w", s.state(), err)
	}
	s.printf("going on after step %d", s.trainer.Steps())
	return nil
}

// digestKey is where a state's metadata has the pictures' digest.
const digestKey = "residua.pictures"

// save writes the state.
func (s *session) save() error {
	f, err := s.trainer.StateFile()
	if err != nil {
		return err
	}
	f.Metadata[digestKey] = s.digest
	// Also when the program is to stop: hence no context that has ended.
	return wholefile.Write(context.Background(), s.state(), f.Write)
}

// learnAll does all steps. When it is asked to stop it saves the state, which it also does after each epoch.
func (s *session) learnAll(ctx context.Context) error {
	began, last, first := time.Now(), time.Now(), s.trainer.Steps()
	var epoch train.Score
	for !s.trainer.Done() {
		if ctx.Err() != nil {
			return s.stop()
		}
		r, err := s.trainer.Step()
		if errors.Is(err, train.ErrDiverged) {
			return fmt.Errorf("the loss is beyond all numbers at step %d: try a -rate lower than %v", r.Step+1, s.rate)
		}
		if err != nil {
			return err
		}
		epoch = epoch.Plus(r.Score)
		left := time.Duration(float64(time.Since(began)) / float64(r.Step-first) * float64(r.Steps-r.Step))
		if r.Batch < r.Batches {
			if time.Since(last) > 10*time.Second {
				last = time.Now()
				s.printf("  step %d of %d: loss %.3f, %s left", r.Step, r.Steps, r.Score.Loss, left.Round(time.Second))
			}
			continue
		}
		last = time.Now()
		line := fmt.Sprintf("epoch %d of %d: loss %.3f, %s right", r.Epoch+1, s.epochs, epoch.Loss, percent(epoch))
		if len(s.held.labels) > 0 {
			held := s.trainer.Score(s.held.of())
			line += fmt.Sprintf("; held out: loss %.3f, %s right", held.Loss, percent(held))
		}
		if !s.trainer.Done() {
			line += fmt.Sprintf("; %s left", left.Round(time.Second))
			if err := s.save(); err != nil {
				return fmt.Errorf("the state cannot be saved: %w", err)
			}
		}
		s.printf("%s", line)
		epoch = train.Score{}
	}
	return nil
}

// percent is a score's accuracy for people.
func percent(s train.Score) string { return fmt.Sprintf("%.1f %%", 100*s.Accuracy()) }

// stop saves the state and says how to go on.
func (s *session) stop() error {
	if err := s.save(); err != nil {
		return fmt.Errorf("stopped, and the state cannot be saved: %w", err)
	}
	s.printf("stopped after step %d of %d; the state is in %s: the same command with -resume goes on",
		s.trainer.Steps(), s.trainer.Settings().Steps, s.state())
	return errStopped
}

// finish writes the model, and deletes the state.
func (s *session) finish() error {
	f, err := s.net.File(s.card)
	if err != nil {
		return err
	}
	if err := wholefile.Write(context.Background(), s.out, f.Write); err != nil {
		return err
	}
	if err := os.Remove(s.state()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.printf("wrote %s", s.out)
	return nil
}

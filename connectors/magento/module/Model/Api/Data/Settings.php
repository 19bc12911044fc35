<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\SettingsInterface;

/**
 * What the module has to know of the bridge.
 */
class Settings implements SettingsInterface
{
    /** @var string|null */
    private ?string $eventsUrl = null;

    /** @var string|null */
    private ?string $eventsSecret = null;

    /** @var string|null */
    private ?string $memberUrl = null;

    /** @var string|null */
    private ?string $linkSecret = null;

    /** @var string|null */
    private ?string $pointsLabel = null;

    /** @var string|null */
    private ?string $told = null;

    /**
     * @inheritdoc
     */
    public function getEventsUrl(): ?string
    {
        return $this->eventsUrl;
    }

    /**
     * @inheritdoc
     */
    public function setEventsUrl(?string $eventsUrl): void
    {
        $this->eventsUrl = $eventsUrl;
    }

    /**
     * @inheritdoc
     */
    public function getEventsSecret(): ?string
    {
        return $this->eventsSecret;
    }

    /**
     * @inheritdoc
     */
    public function setEventsSecret(?string $eventsSecret): void
    {
        $this->eventsSecret = $eventsSecret;
    }

    /**
     * @inheritdoc
     */
    public function getMemberUrl(): ?string
    {
        return $this->memberUrl;
    }

    /**
     * @inheritdoc
     */
    public function setMemberUrl(?string $memberUrl): void
    {
        $this->memberUrl = $memberUrl;
    }

    /**
     * @inheritdoc
     */
    public function getLinkSecret(): ?string
    {
        return $this->linkSecret;
    }

    /**
     * @inheritdoc
     */
    public function setLinkSecret(?string $linkSecret): void
    {
        $this->linkSecret = $linkSecret;
    }

    /**
     * @inheritdoc
     */
    public function getPointsLabel(): ?string
    {
        return $this->pointsLabel;
    }

    /**
     * @inheritdoc
     */
    public function setPointsLabel(?string $pointsLabel): void
    {
        $this->pointsLabel = $pointsLabel;
    }

    /**
     * @inheritdoc
     */
    public function getTold(): ?string
    {
        return $this->told;
    }

    /**
     * @inheritdoc
     */
    public function setTold(?string $told): void
    {
        $this->told = $told;
    }
}
